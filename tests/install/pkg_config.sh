#!/bin/sh
# Builds and runs the consumer with what pkg-config says: pkg_config.sh PREFIX SOURCE OUTPUT COMPILER
set -eu
command -v pkg-config >/dev/null || { echo "skipped: pkg-config is missing"; exit 77; }
PKG_CONFIG_PATH=$(dirname "$(find "$1" -name swage-wasi.pc)")
export PKG_CONFIG_PATH
# shellcheck disable=SC2046
"$4" -std=c++23 $(pkg-config --cflags swage-wasi) "$2" -o "$3" $(pkg-config --libs swage-wasi)
"$3"
