# Runs the same under the guest's CPython and the machine's python3: only what both versions print alike is used.
import collections
import functools
import hashlib
import io
import itertools
import json
import math
import os
import random
import re
import struct
import sys
import time


def dicts():
    counts = collections.Counter(re.findall(r"\w+", "the cat and the dog and the bird sang to the cat"))
    print(counts.most_common(3))
    table = {(i * 7919) % 10007: str(i) for i in range(5000)}
    for key in list(table)[::3]:
        del table[key]
    print(len(table), functools.reduce(lambda a, kv: (a * 31 + kv[0]) % 1000003, table.items(), 7))
    nested = collections.defaultdict(lambda: collections.defaultdict(list))
    for i in range(200):
        nested[i % 3][i % 5].append(i)
    print({k: {j: sum(v) for j, v in inner.items()} for k, inner in nested.items()})


def big_integers():
    f = math.factorial(300)
    print(f % (10**9 + 7), f.bit_length(), str(f)[:40])
    print(pow(3, 10**30, 2**127 - 1), divmod(-(10**40), 7**20))
    a, b = 0, 1
    for _ in range(1000):
        a, b = b, a + b
    print(a)
    print(math.isqrt(10**60), math.gcd(2**200 - 1, 2**120 - 1), int("deadbeef" * 8, 16) >> 100)


def text():
    document = {"name": "swage", "list": [1, 2.5, None, True, "ünïcödé"], "nested": {"deep": [[[]]]}, "big": 10**25}
    encoded = json.dumps(document, sort_keys=True, indent=1)
    print(encoded)
    assert json.loads(encoded) == document
    pattern = re.compile(r"(?P<year>\d{4})-(?P<month>\d\d)(?:-(?P<day>\d\d))?")
    for match in pattern.finditer("on 2024-05-17, then 1999-12, not 99-1-1"):
        print(match.groupdict(), match.span())
    print(re.sub(r"(\w)(\w*)", lambda m: m[1].upper() + m[2], "every word of this"), re.split(r"\s*[,;]\s*", "a , b;c ,d"))
    print("{:>12.4f}|{:<8}|{:^9}|{:08b}|{:,}".format(math.pi, "left", "mid", 37, 123456789))
    print(f"{1/3!r} {1e100} {float('inf')} {-0.0} {0.1 + 0.2} {2.5e-8}")
    try:
        json.loads('{"a": }')
    except ValueError as error:
        print("refused:", error)


def generators_and_classes():
    def primes():
        found = {}
        for n in itertools.count(2):
            if n not in found:
                yield n
                found[n * n] = [n]
            else:
                for p in found.pop(n):
                    found.setdefault(p + n, []).append(p)

    print(list(itertools.islice(primes(), 400))[-5:])

    class Vector:
        def __init__(self, *xs):
            self.xs = xs

        def __add__(self, other):
            return Vector(*(a + b for a, b in zip(self.xs, other.xs)))

        def __repr__(self):
            return f"Vector{self.xs}"

    print(functools.reduce(Vector.__add__, (Vector(i, i * i, -i) for i in range(50))))

    def depth(n):
        return 0 if n == 0 else 1 + depth(n - 1)

    print(depth(400))
    random.seed(12345)
    print([random.randrange(10**6) for _ in range(5)], random.random())
    values = [random.random() for _ in range(5000)]
    print(hashlib.sha256(struct.pack("<5000d", *sorted(values))).hexdigest())


def files(directory):
    path = os.path.join(directory, "notes.txt")
    with open(path, "w", encoding="utf-8") as out:
        for i in range(200):
            print(f"note {i} ✓", file=out)
    with open(path, encoding="utf-8") as notes:
        print(sum(1 for _ in notes), os.path.getsize(path))
    os.mkdir(os.path.join(directory, "sub"))
    os.rename(path, os.path.join(directory, "sub", "moved.txt"))
    with open(os.path.join(directory, "sub", "moved.txt"), "r+b") as raw:
        raw.seek(5)
        print(raw.read(6))
        raw.truncate(20)
    print([(os.path.relpath(d, directory), sorted(s), sorted(f)) for d, s, f in os.walk(directory)])
    try:
        open(os.path.join(directory, "absent"))
    except FileNotFoundError as error:
        print("refused:", error.strerror)


print(sys.argv[2:], os.environ.get("GREETING"))
dicts()
big_integers()
text()
generators_and_classes()
files(sys.argv[1])
print(sys.stdin.read().upper(), end="")
print(time.time() > 1704067200, time.monotonic() >= 0, len(os.urandom(16)))
print(io.StringIO("last\n").read(), end="")
sys.exit(4)
