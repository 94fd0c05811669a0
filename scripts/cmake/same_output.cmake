# cmake -DFIRST=<command;...> -DSECOND=<command;...> -DWANTED=<text> -P same_output.cmake: fails unless both print the very same, and the
# text is in it.
foreach(each FIRST SECOND)
  execute_process(COMMAND ${${each}} OUTPUT_VARIABLE ${each}_OUTPUT ERROR_VARIABLE ${each}_ERRORS)
  string(FIND "${${each}_OUTPUT}" "${WANTED}" at)
  if(at EQUAL -1 OR ${each}_ERRORS)
    message(FATAL_ERROR "${${each}}: ${${each}_ERRORS}\n${${each}_OUTPUT}")
  endif()
endforeach()
if(NOT FIRST_OUTPUT STREQUAL SECOND_OUTPUT)
  message(FATAL_ERROR "not the same:\n${FIRST_OUTPUT}\nand\n${SECOND_OUTPUT}")
endif()
message(STATUS "${FIRST_OUTPUT}")
