# crosstalk_explore(<target> [SCENARIOS <file>...]): builds what the target is made of a second time, with the compiler's hooks for
# every memory access, together with scenarios (harness/explore/scenario.h), as the program <target>_explored, and makes ctest run
# it (label "explore"). The scenarios may be among the target's own sources.
# Where it cannot be built (see below) it does nothing.

# g++ warns of fences, which its own runtime does not know; and behind the hooks it takes orders that are arguments for any order.
# asserts are what is looked for.
# A target and no variable, as functions are called from folders that see none of these.
set(CROSSTALK_EXPLORES OFF)
if(CMAKE_SYSTEM_NAME STREQUAL "Linux" AND CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64" AND NOT CROSSTALK_SANITIZE)
  set(CROSSTALK_EXPLORES ON)
  add_library(crosstalk_explored_flags INTERFACE)
  target_compile_options(crosstalk_explored_flags INTERFACE
    -fsanitize=thread -O1 -g -UNDEBUG -fno-omit-frame-pointer
    $<$<CXX_COMPILER_ID:GNU>:-Wno-tsan> $<$<CXX_COMPILER_ID:GNU>:-Wno-invalid-memory-model>)
  target_include_directories(crosstalk_explored_flags INTERFACE ${PROJECT_SOURCE_DIR})
  target_compile_features(crosstalk_explored_flags INTERFACE cxx_std_20)
endif()

# crosstalk_link_explored(<program> <libs or object libraries>...): links what was compiled with the hooks with the explorer.
function(crosstalk_link_explored program)
  set_target_properties(${program} PROPERTIES UNITY_BUILD OFF ENABLE_EXPORTS ON)
  # Functions are found at the start, or every execution would look them up anew, as the table of those found is put back like all globals.
  target_link_options(${program} PRIVATE -Wl,-z,now)
  target_link_libraries(${program} PRIVATE crosstalk_explored_flags crosstalk_explore_runtime -pthread ${CMAKE_DL_LIBS} ${ARGN})
endfunction()

# crosstalk_explored_program(<name> SOURCES ... [LINK libs]): a program whose sources are compiled with the hooks.
function(crosstalk_explored_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  crosstalk_link_explored(${name} ${ARG_LINK})
endfunction()

function(crosstalk_explore target)
  if(NOT TARGET crosstalk_explore_runtime)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "SCENARIOS" ${ARGN})
  get_target_property(sources ${target} SOURCES)
  get_target_property(folder ${target} SOURCE_DIR)
  list(TRANSFORM sources PREPEND ${folder}/ REGEX "^[^/$]")
  set(explored ${target}_explored)
  crosstalk_explored_program(${explored} SOURCES ${sources} ${ARG_SCENARIOS} LINK crosstalk_explore_main)
  target_include_directories(${explored} PRIVATE $<TARGET_PROPERTY:${target},INCLUDE_DIRECTORIES>)
  target_compile_definitions(${explored} PRIVATE $<TARGET_PROPERTY:${target},COMPILE_DEFINITIONS>)
  target_link_libraries(${explored} PRIVATE $<TARGET_PROPERTY:${target},LINK_LIBRARIES>)
  add_test(NAME explore.${target} COMMAND ${explored} --seconds 10)
  set_tests_properties(explore.${target} PROPERTIES LABELS explore)
endfunction()
