"""Classes, methods, dictionaries, generators, sorting and exceptions: what most Python is made of."""

import talk


class Shape:
    def __init__(self, width, height):
        self.width = width
        self.height = height

    def area(self):
        return self.width * self.height


class Square(Shape):
    def __init__(self, side):
        super().__init__(side, side)

    def __lt__(self, other):
        return self.width < other.width


def walk(tree):
    if tree:
        left, key, right = tree
        yield from walk(left)
        yield key
        yield from walk(right)


def insert(tree, key):
    if tree is None:
        return (None, key, None)
    left, here, right = tree
    return (insert(left, key), here, right) if key < here else (left, here, insert(right, key))


def work(number):
    squares = [Square((i * 7919 + number) % 101) for i in range(400)]
    total = sum(square.area() for square in sorted(squares))
    by_side = {}
    for square in squares:
        by_side.setdefault(square.width % 10, []).append(square)
    total += sum(len(group) * side for side, group in by_side.items())
    tree = None
    for i in range(150):
        tree = insert(tree, i * 37 % 151)
    total += sum(i * key for i, key in enumerate(walk(tree)))
    for i in range(100):
        try:
            total += by_side[i][0].width
        except KeyError:
            total += 1
    return total


talk.run(work)
