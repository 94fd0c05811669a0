# The explorer's regression suite, which suite_test.cpp judges. Here: that another compiler, libstdc++ within the program, and threads of the
# kernel make no difference: the same findings after the same numbers of executions, with the same replays.
include(${PROJECT_SOURCE_DIR}/scripts/cmake/other_compiler.cmake)
add_library(crosstalk_explore_suite_scenarios OBJECT ${suite_sources})
set_target_properties(crosstalk_explore_suite_scenarios PROPERTIES UNITY_BUILD OFF)
target_link_libraries(crosstalk_explore_suite_scenarios PRIVATE crosstalk_explored_flags crosstalk_flags)
# A library that is compiled with the hooks, and finds them in the program that loads it.
add_library(crosstalk_explore_suite_library SHARED ${suite_library})
set_target_properties(crosstalk_explore_suite_library PROPERTIES UNITY_BUILD OFF)
target_link_libraries(crosstalk_explore_suite_library PRIVATE crosstalk_explored_flags crosstalk_flags)

foreach(suite crosstalk_explore_suite crosstalk_explore_suite_static)
  add_executable(${suite})
  crosstalk_link_explored(${suite} crosstalk_explore_suite_scenarios crosstalk_explore_suite_library crosstalk_explore_main)
endforeach()
target_link_options(crosstalk_explore_suite_static PRIVATE -static-libstdc++ -static-libgcc)

# crosstalk_same_suite(<name> <command>...): the suite's report is that of the program as usual.
set(suite_options --csv --depth-first-runs 3000 --priority-runs 200 --random-runs 100 --seconds 600)
function(crosstalk_same_suite name)
  add_test(NAME explore.suite.${name} COMMAND ${CMAKE_COMMAND} "-DFIRST=$<TARGET_FILE:crosstalk_explore_suite>;${suite_options}"
    "-DSECOND=${ARGN};${suite_options}" "-DWANTED=counter/faulty,assertion failed,5," -P ${PROJECT_SOURCE_DIR}/scripts/cmake/same_output.cmake)
  set_tests_properties(explore.suite.${name} PROPERTIES LABELS explore)
endfunction()
crosstalk_same_suite(static $<TARGET_FILE:crosstalk_explore_suite_static>)
crosstalk_same_suite(threads $<TARGET_FILE:crosstalk_explore_suite>;--switching;threads)
if(CROSSTALK_OTHER_COMPILER)
  get_target_property(runtime_sources crosstalk_explore_runtime SOURCES)
  list(TRANSFORM runtime_sources PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
  list(TRANSFORM suite_sources PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
  set(other_objects)
  crosstalk_other_objects(other_objects FLAGS -O2 -fno-builtin -fno-threadsafe-statics -mcx16
    SOURCES ${runtime_sources} ${CMAKE_CURRENT_SOURCE_DIR}/main.cpp)
  crosstalk_other_objects(other_objects FLAGS -O1 -g -fsanitize=thread -fno-omit-frame-pointer SOURCES ${suite_sources})
  set(library $<TARGET_FILE:crosstalk_explore_suite_library>)
  crosstalk_other_program(crosstalk_explore_suite_other OBJECTS ${other_objects}
    LINK ${library} -Wl,-rpath,$<TARGET_FILE_DIR:crosstalk_explore_suite_library> -rdynamic -Wl,-z,now -pthread -ldl)
  add_dependencies(crosstalk_explore_suite_other crosstalk_explore_suite_library)
  crosstalk_same_suite(compilers ${CMAKE_CURRENT_BINARY_DIR}/other/crosstalk_explore_suite_other)
endif()
