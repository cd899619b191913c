# fish completion for swage and swage-run
set -l commands run compile validate inspect parse print wast bench
complete -c swage -n "not __fish_seen_subcommand_from $commands" -a "$commands"
for command in swage swage-run
  complete -c $command -l dir -x -a "(__fish_complete_directories)" -d "Grant a directory: HOST[::GUEST][:ro]"
  complete -c $command -l env -x -d "Set a variable"
  complete -c $command -l inherit-env -d "Pass on the environment"
  complete -c $command -l argv0 -x -d "Program name for the guest"
  complete -c $command -l invoke -x -d "Call an export"
  complete -c $command -l listen -x -d "Listening socket"
  complete -c $command -l wasi -x -a threads -d "Add to WASI preview 1"
  complete -c $command -l trace -x -a wasi -d "One line per call"
  complete -c $command -l max-wasm-stack -x -d "Bytes of stack"
  complete -c $command -l memory -x -a "auto guard checked" -d "How memories are bounded"
end
complete -c swage -s O -x -a "0 1 2 3 s" -d "Optimisation level"
complete -c swage -l cpu -x -d "CPU to compile for"
complete -c swage -l features -x -d "Features on"
complete -c swage -l disable -x -d "Features off"
complete -c swage -l timing -d "Time and memory per stage"
complete -c swage -n "__fish_seen_subcommand_from compile" -l emit -x -a "so obj ir asm" -d "What to write"
complete -c swage -n "__fish_seen_subcommand_from compile" -l target -x -d "Target triple"
complete -c swage -n "__fish_seen_subcommand_from compile parse print" -s o -l output -r -d "Output file"
