#!/bin/sh
# A program with threads in a runtime that ThreadSanitizer watches: threads.sh SWAGE SWAGE_RUN PROGRAM. The compiler is the
# normal build's; what it compiles is not watched, but everything that its calls reach is.
set -u
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$1" compile "$3" -o "$folder/program.so" || exit 1
mkdir "$folder/data"
"$2" --wasi threads --dir "$folder/data::/" "$folder/program.so"
status=$?
bytes=$(wc -c <"$folder/data/file")
echo "exit status $status, $bytes bytes written"
test "$status" = 5 && test "$bytes" = 12800
