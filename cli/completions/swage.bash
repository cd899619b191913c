# bash completion for swage and swage-run
_swage() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
  local guest="--dir --env --inherit-env --argv0 --invoke --listen --wasi --trace --max-wasm-stack --max-gc-heap --gc-stress --memory --cpu-level --profile-out --help"
  local code="-O0 -O1 -O2 -O3 -Os --cpu --cpu-features --instrument --profile --deterministic --relaxed-traps --jobs --features --disable --timing"
  case $prev in
    --emit) COMPREPLY=($(compgen -W "so obj ir asm" -- "$cur")); return ;;
    --memory) COMPREPLY=($(compgen -W "auto guard checked" -- "$cur")); return ;;
    --trace) COMPREPLY=($(compgen -W "wasi" -- "$cur")); return ;;
    --wasi) COMPREPLY=($(compgen -W "threads" -- "$cur")); return ;;
    --dir) COMPREPLY=($(compgen -d -- "$cur")); return ;;
  esac
  if [[ ${COMP_WORDS[0]##*/} == swage-run ]]; then
    [[ $cur == -* ]] && COMPREPLY=($(compgen -W "$guest --version" -- "$cur")) || COMPREPLY=($(compgen -f -- "$cur"))
    return
  fi
  if [[ $COMP_CWORD -eq 1 && $cur != -* ]]; then
    COMPREPLY=($(compgen -W "run compile validate inspect parse print wast bench" -- "$cur") $(compgen -f -- "$cur"))
    return
  fi
  if [[ $cur == -* ]]; then
    case ${COMP_WORDS[1]} in
      compile) COMPREPLY=($(compgen -W "$code --output --emit --target --memory --help" -- "$cur")) ;;
      validate|inspect) COMPREPLY=($(compgen -W "--features --disable --help" -- "$cur")) ;;
      parse|print) COMPREPLY=($(compgen -W "--output --features --disable --help" -- "$cur")) ;;
      *) COMPREPLY=($(compgen -W "$guest $code --version" -- "$cur")) ;;
    esac
    return
  fi
  COMPREPLY=($(compgen -f -- "$cur"))
}
complete -o filenames -F _swage swage swage-run
