# Prints the size of the runtime's code without WASI: all of it, and what the linker keeps of it in the program EMBEDDED. The
# goal is 50 KB; docs/performance.md says where it stands.
function(text_of file result)
  execute_process(COMMAND size -A ${file} OUTPUT_VARIABLE sections COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCH "\n\\.text +([0-9]+)" _ "${sections}")
  set(${result} ${CMAKE_MATCH_1} PARENT_SCOPE)
endfunction()

text_of(${WHOLE} whole)
text_of(${EMBEDDED} embedded)
execute_process(COMMAND size ${WHOLE} OUTPUT_VARIABLE total COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCH "\n +([0-9]+)" _ "${total}")
message(STATUS "swage_runtime: ${whole} bytes of stripped text (${CMAKE_MATCH_1} with constants and unwind tables), of which "
  "${embedded} in a program that loads, instantiates and calls (examples/artifact.cpp, itself included)")
