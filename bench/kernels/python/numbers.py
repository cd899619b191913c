"""Arithmetic: floating point in loops, big integers, list comprehensions, a sieve."""

import talk


def sieve(limit):
    composite = bytearray(limit)
    for i in range(2, limit):
        if not composite[i]:
            composite[i * i :: i] = b"\1" * len(range(i * i, limit, i))
    return sum(1 for i in range(2, limit) if not composite[i])


def work(number):
    matrix = [[(i * j + number) % 7 / 7 for j in range(14)] for i in range(14)]
    product = [[sum(a * b for a, b in zip(row, column)) for column in zip(*matrix)] for row in matrix]
    x = 0.25
    for _ in range(1000):
        x = 3.6 * x * (1 - x)
    big = pow(3, 200 + number % 10) * 7919 % (1 << 200)
    return sieve(1500) + int(product[3][4] * 1000) + int(x * 1000) + big % 1000003


talk.run(work)
