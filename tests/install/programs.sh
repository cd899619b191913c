#!/bin/sh
# The installed programs run from where they lie, the compiler is found beside them, and what belongs to them is there:
# programs.sh PREFIX
set -eu
"$1/bin/swage-run" --version
if [ -x "$1/bin/swage" ]; then
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  # (module (func (export "answer") (result i32) i32.const 42))
  printf '\000asm\001\000\000\000\001\005\001\140\000\001\177\003\002\001\000\007\012\001\006answer\000\000\012\006\001\004\000\101\052\013' >"$folder/a.wasm"
  test "$("$1/bin/swage" run --invoke answer "$folder/a.wasm")" = 42
  "$1/bin/swage" compile "$folder/a.wasm" -o "$folder/a.so"
  test "$("$1/bin/swage-run" --invoke answer "$folder/a.so")" = 42
fi
for file in share/man/man1/swage.1 share/man/man1/swage-run.1 share/bash-completion/completions/swage \
  share/zsh/site-functions/_swage share/fish/vendor_completions.d/swage.fish; do
  test -s "$1/$file" || { echo "missing: $file"; exit 1; }
done
echo "installed programs work"
