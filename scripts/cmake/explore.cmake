# crosstalk_explore(<target> [SCENARIOS <file>...]): builds what the target is made of a second time, with the compiler's hooks for
# every memory access, together with scenarios (harness/explore/scenario.h), as the program <target>_explored, and makes ctest run
# it (label "explore"). The scenarios may be among the target's own sources; of headers alone make an INTERFACE library.
# Where it cannot be built (see harness/explore/CMakeLists.txt) it does nothing but say so.
#
# Read in crosstalk's own tree and by its installed package, which have the same targets:
#   crosstalk::explored_flags   how code is compiled with the hooks
#   crosstalk::explore_runtime  the objects that stand behind them
#   crosstalk::explore_main     the main() of a program of scenarios

# crosstalk_link_explored(<program> <libs or object libraries>...): links what was compiled with the hooks with the explorer.
function(crosstalk_link_explored program)
  set_target_properties(${program} PROPERTIES UNITY_BUILD OFF ENABLE_EXPORTS ON)
  # Functions are found at the start, or every execution would look them up anew, as the table of those found is put back like all globals.
  target_link_options(${program} PRIVATE -Wl,-z,now)
  target_link_libraries(${program} PRIVATE
    crosstalk::explored_flags crosstalk::explore_runtime -pthread ${CMAKE_DL_LIBS} ${ARGN})
endfunction()

# crosstalk_explored_program(<name> SOURCES ... [LINK libs]): a program whose sources are compiled with the hooks.
function(crosstalk_explored_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  crosstalk_link_explored(${name} ${ARG_LINK})
endfunction()

function(crosstalk_explore target)
  if(NOT TARGET crosstalk::explore_runtime)
    message(STATUS "crosstalk_explore(${target}): not explored: this crosstalk was built without the explorer")
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "SCENARIOS" ${ARGN})
  set(explored ${target}_explored)
  get_target_property(type ${target} TYPE)
  if(type STREQUAL "INTERFACE_LIBRARY")
    crosstalk_explored_program(${explored} SOURCES ${ARG_SCENARIOS} LINK crosstalk::explore_main ${target})
  else()
    get_target_property(sources ${target} SOURCES)
    get_target_property(folder ${target} SOURCE_DIR)
    list(TRANSFORM sources PREPEND ${folder}/ REGEX "^[^/$]")
    crosstalk_explored_program(${explored} SOURCES ${sources} ${ARG_SCENARIOS} LINK crosstalk::explore_main)
    target_include_directories(${explored} PRIVATE $<TARGET_PROPERTY:${target},INCLUDE_DIRECTORIES>)
    target_compile_definitions(${explored} PRIVATE $<TARGET_PROPERTY:${target},COMPILE_DEFINITIONS>)
    target_link_libraries(${explored} PRIVATE $<TARGET_PROPERTY:${target},LINK_LIBRARIES>)
  endif()
  add_test(NAME explore.${target} COMMAND ${explored} --seconds 10)
  set_tests_properties(explore.${target} PROPERTIES LABELS explore)
endfunction()
