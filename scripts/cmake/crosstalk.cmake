# The helpers every module's CMakeLists.txt is written with.

# Flags of our own targets only; users of the installed library get none of them.
add_library(crosstalk_flags INTERFACE)
target_compile_options(crosstalk_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion
  # g++ 12 sees overlaps in the inlined concatenation of strings where there are none (GCC bug 105651).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
  # In a group of sources a local may bear the name of something in another source's unnamed namespace.
  $<$<BOOL:${CMAKE_UNITY_BUILD}>:-Wno-shadow>
  $<$<BOOL:${CROSSTALK_WERROR}>:-Werror>)
if(CROSSTALK_SANITIZE)
  target_compile_options(crosstalk_flags INTERFACE
    -fsanitize=${CROSSTALK_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(crosstalk_flags INTERFACE -fsanitize=${CROSSTALK_SANITIZE})
endif()

# crosstalk_module(<name> SOURCES ... HEADERS ... [PUBLIC libs] [PRIVATE libs])
# One library per folder: target crosstalk_<name>, alias and exported name crosstalk::<name>.
# The include root is the repository root, installed with the same spelling.
function(crosstalk_module name)
  cmake_parse_arguments(ARG "" "" "SOURCES;HEADERS;PUBLIC;PRIVATE" ${ARGN})
  set(target crosstalk_${name})
  add_library(${target} STATIC ${ARG_SOURCES})
  add_library(crosstalk::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_sources(${target} PUBLIC FILE_SET HEADERS
    BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${ARG_HEADERS})
  target_link_libraries(${target}
    PUBLIC Threads::Threads ${ARG_PUBLIC}
    PRIVATE $<BUILD_INTERFACE:crosstalk_flags> ${ARG_PRIVATE})
  set_property(GLOBAL APPEND PROPERTY CROSSTALK_TARGETS ${target})
endfunction()

# crosstalk_module_tests(<name> [ONE_THREAD] SOURCES ... [LINK libs])
# One Catch2 program per module. A test case tagged [stress] gets the ctest label "stress", all others "unit".
# ONE_THREAD: the module and its tests start no thread, so ThreadSanitizer has nothing to find in this program, and as what it
# does is mostly arithmetic, would take minutes to say so: it is not built for it.
function(crosstalk_module_tests name)
  cmake_parse_arguments(MODULE "ONE_THREAD" "" "" ${ARGN})
  if(MODULE_ONE_THREAD)
    file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.h ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
    foreach(file IN LISTS files)
      file(STRINGS ${file} starts_threads REGEX "^#include <(thread|future)>" LIMIT_COUNT 1)
      if(starts_threads)
        message(FATAL_ERROR "${file} may start threads, but ${name} says ONE_THREAD")
      endif()
    endforeach()
    if(CROSSTALK_SANITIZE STREQUAL "thread")
      return()
    endif()
    list(REMOVE_ITEM ARGN ONE_THREAD)
  endif()
  crosstalk_test_program(${name} ${name} ${ARGN})
endfunction()

# crosstalk_test_program(<module> <name> SOURCES ... [LINK libs]): the same for a program with other libraries.
function(crosstalk_test_program module name)
  if(NOT CROSSTALK_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  set(target crosstalk_${name}_tests)
  add_executable(${target} ${ARG_SOURCES})
  target_link_libraries(${target} PRIVATE crosstalk::${module} Catch2::Catch2WithMain crosstalk_flags ${ARG_LINK})
  target_compile_definitions(${target} PRIVATE CROSSTALK_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  # One ctest entry per module and label: a test case is found by its tag inside the program, so that a
  # thousand cases do not cost a thousand process starts under sanitizers.
  # A test that hangs is ended by a signal that makes Catch2 name the test case; ctest's own timeout would say nothing.
  # Twice what the longest takes under ThreadSanitizer.
  set(guard timeout --foreground --signal=ABRT --kill-after=20 1400 $<TARGET_FILE:${target}>)
  add_test(NAME ${name}.unit COMMAND ${guard} "~[stress]~[.]") # a filter alone would run the hidden ones too
  set_tests_properties(${name}.unit PROPERTIES LABELS unit)
  add_test(NAME ${name}.stress COMMAND ${guard} "[stress]")
  set_tests_properties(${name}.stress PROPERTIES LABELS stress)
endfunction()

# crosstalk_module_benchmarks(<name> SOURCES ... [LINK libs]): every *_bench.cpp ends up in crosstalk_microbench.
function(crosstalk_module_benchmarks name)
  if(NOT CROSSTALK_BENCHMARKS)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  set(target crosstalk_${name}_bench)
  add_library(${target} OBJECT ${ARG_SOURCES})
  set_target_properties(${target} PROPERTIES UNITY_BUILD OFF) # their names are their own
  target_link_libraries(${target} PRIVATE crosstalk::${name} benchmark::benchmark crosstalk_flags ${ARG_LINK})
  set_property(GLOBAL APPEND PROPERTY CROSSTALK_BENCH_OBJECTS ${target})
  set_property(GLOBAL APPEND PROPERTY CROSSTALK_BENCH_MODULES crosstalk::${name})
endfunction()

# crosstalk_fuzz(<name> SOURCES ... LINK ...): a libFuzzer program of preset fuzz, target crosstalk_<name>_fuzz. All of them are built by
# target crosstalk_fuzz. Their corpus stands in corpus/<name>/ beside the source.
function(crosstalk_fuzz name)
  if(NOT CROSSTALK_FUZZ)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  set(target crosstalk_${name}_fuzz)
  add_executable(${target} EXCLUDE_FROM_ALL ${ARG_SOURCES} ${PROJECT_SOURCE_DIR}/scripts/cmake/fuzz_memory.cpp)
  target_link_libraries(${target} PRIVATE ${ARG_LINK} crosstalk_flags)
  # The libraries have the instrumentation (CROSSTALK_SANITIZE), this one has the main program too.
  target_link_options(${target} PRIVATE -fsanitize=fuzzer)
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
  if(NOT TARGET crosstalk_fuzz)
    add_custom_target(crosstalk_fuzz)
  endif()
  add_dependencies(crosstalk_fuzz ${target})
endfunction()
