# Prints the size of the code in FILE, without WASI: the figure that stays below 50 KB.
execute_process(COMMAND size -A ${FILE} OUTPUT_VARIABLE sections COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCH "\n\\.text +([0-9]+)" _ "${sections}")
set(code ${CMAKE_MATCH_1})
execute_process(COMMAND size ${FILE} OUTPUT_VARIABLE total COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCH "\n +([0-9]+)" _ "${total}")
message(STATUS "swage_runtime: ${code} bytes of stripped text; ${CMAKE_MATCH_1} with constants and unwind tables")
