"""bench.h for scripts: says when the work begins and ends, and waits for a line each time."""

import sys


def run(work):
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    print("begin", flush=True)
    sys.stdin.readline()
    checksum = 0
    for round_number in range(rounds):
        checksum = (checksum * 31 + work(round_number)) % (1 << 64)
    print(f"{checksum:016x}\nend", flush=True)
    sys.stdin.readline()
