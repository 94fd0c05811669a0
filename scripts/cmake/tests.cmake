# The tests that belong to no module: the rules of the tree, and the programs run for a moment (label smoke).
find_package(Python3 3.9 REQUIRED COMPONENTS Interpreter)
add_test(NAME tidy COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/scripts/tidy.py)
set_tests_properties(tidy PROPERTIES LABELS tidy)

if(TARGET crosstalk_microbench)
  # Google Benchmark 1.7 takes the time as a plain number of seconds.
  # Left out is what takes minutes to set up, what crowds the processors, and most of what takes a window of 50 ms each.
  add_test(NAME microbench.smoke COMMAND crosstalk_microbench --benchmark_min_time=0.001
    "--benchmark_filter=-(map_churn.*(keys:1000000|threads:[148]|zipf:0)|guard_mix.*(threads:(1|4|16|64)/|reads:(50|99|100)|scaled:1)|threads:16)")
  # Alone: where others want the processors, every hand-over of a lock that serves in order costs a slice of time.
  set_tests_properties(microbench.smoke PROPERTIES LABELS smoke RUN_SERIAL TRUE)
endif()

if(TARGET crosstalk)
  # A build that is not fit to measure refuses to write results (exit code 4).
  set(expected 4)
  if(CMAKE_BUILD_TYPE MATCHES "^(Release|RelWithDebInfo|MinSizeRel)$" AND NOT CROSSTALK_SANITIZE)
    set(expected 0)
  endif()
  # Found by pattern, so that no scenario goes without a test because a list was forgotten.
  file(GLOB scenarios CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/workloads/scenarios/*.ini)
  foreach(scenario IN LISTS scenarios)
    cmake_path(GET scenario STEM name)
    add_test(NAME scenario.${name}.smoke
      COMMAND ${CMAKE_COMMAND} -DEXPECTED=${expected} -DRESULTS=${PROJECT_BINARY_DIR}/smoke/${name}
        -P ${CMAKE_CURRENT_LIST_DIR}/expect_code.cmake --
        $<TARGET_FILE:crosstalk> run --scenario ${name} --ops 20000 --clients 200 --strategy sharded/std_mutex)
    # Beside other tests every trial is contaminated, which is no fault of the scenario.
    set_tests_properties(scenario.${name}.smoke PROPERTIES LABELS smoke ENVIRONMENT CROSSTALK_FOREIGN_LIMIT=100)
  endforeach()

  # The verifier on trial: known bugs must be caught, by the right property, and nothing that is right accused. A mutant ends with
  # its first detection, so the time of the first test is a bound that is seldom reached.
  if(expected EQUAL 0)
    add_test(NAME verify.mutants COMMAND crosstalk verify --self-test --specimens mutant --seconds 20)
    add_test(NAME verify.right COMMAND crosstalk verify --self-test --specimens [td]* --seconds 1)
    set_tests_properties(verify.mutants verify.right PROPERTIES LABELS stress RUN_SERIAL TRUE TIMEOUT 1400)
  endif()
endif()
