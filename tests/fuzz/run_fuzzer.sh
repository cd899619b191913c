#!/bin/sh
# Starts a fuzz target from its seeds alone, not from what an earlier run found: run_fuzzer.sh FOUND SEEDS BINARY OPTIONS...
set -eu
found=$1
seeds=$2
shift 2
rm -rf "$found"
mkdir -p "$found"
cd "$found"
# libFuzzer writes new inputs, and the ones that fail, into its first folder.
exec "$@" "$found" "$seeds"
