# cmake -DEXPECTED=CODE -DRESULTS=FOLDER -P expect_code.cmake -- COMMAND...
# Runs COMMAND... --out FOLDER, the folder being new, and fails unless it ends with that exit code; ctest alone only
# tells 0 from the rest.
set(command)
set(after_dashes FALSE)
math(EXPR last "${CMAKE_ARGC} - 1")
foreach(i RANGE ${last})
  if(after_dashes)
    list(APPEND command "${CMAKE_ARGV${i}}")
  elseif(CMAKE_ARGV${i} STREQUAL "--")
    set(after_dashes TRUE)
  endif()
endforeach()

file(REMOVE_RECURSE "${RESULTS}")
execute_process(COMMAND ${command} --out "${RESULTS}" RESULT_VARIABLE code)
if(NOT code STREQUAL EXPECTED)
  message(FATAL_ERROR "expected exit code ${EXPECTED}, got ${code}: ${command}")
endif()
if(EXPECTED EQUAL 0 AND NOT EXISTS "${RESULTS}/runs.csv")
  message(FATAL_ERROR "no ${RESULTS}/runs.csv was written: ${command}")
endif()
