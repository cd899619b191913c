#!/bin/sh
# Compiles each seed module into an artifact: make_seeds.sh SWAGE MODULES ARTIFACTS
# A seed for the decoder may be one that does not compile (it is there to be decoded), so one artifact is enough.
set -eu
rm -rf "$3"
mkdir -p "$3"
for module in "$2"/*.wasm; do
  "$1" compile -O1 "$module" -o "$3/$(basename "$module" .wasm).so" || echo "no artifact of $module"
done
test -n "$(ls "$3")"
ls "$3"
