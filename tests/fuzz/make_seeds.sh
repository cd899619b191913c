#!/bin/sh
# Compiles each seed module into an artifact: make_seeds.sh SWAGE MODULES ARTIFACTS
set -eu
mkdir -p "$3"
for module in "$2"/*.wasm; do
  "$1" compile -O1 "$module" -o "$3/$(basename "$module" .wasm).so"
done
ls "$3"
