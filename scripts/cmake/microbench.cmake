# crosstalk_microbench: one Google Benchmark program made of every module's *_bench.cpp.
get_property(bench_objects GLOBAL PROPERTY CROSSTALK_BENCH_OBJECTS)
get_property(bench_modules GLOBAL PROPERTY CROSSTALK_BENCH_MODULES) # not the harness, which takes minutes to compile
get_property(bench_peers GLOBAL PROPERTY CROSSTALK_BENCH_PEERS) # libraries that some benchmarks compare with
if(CROSSTALK_BENCHMARKS AND bench_objects)
  set(sources)
  foreach(object IN LISTS bench_objects)
    list(APPEND sources $<TARGET_OBJECTS:${object}>)
  endforeach()
  add_executable(crosstalk_microbench ${sources})
  target_link_libraries(crosstalk_microbench PRIVATE ${bench_modules} ${bench_peers} benchmark::benchmark_main
    crosstalk_flags)
endif()
