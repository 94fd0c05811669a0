#include "harness/verify/scarce_threads.h"

#include <catch2/catch.hpp>
#include <new>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "harness/verify/scarcity.h"

namespace crosstalk::harness::verify {

TEST_CASE("no thread starts where none is to start, and elsewhere they do", "[harness][verify]") {
  bool refused = false;
  try {
    where_no_thread_starts([&] {
      try {
        std::thread([] {}).join();
      } catch (const std::system_error& error) {
        refused = error.code() == std::errc::resource_unavailable_try_again;
      }
    });
  } catch (const std::runtime_error& error) {
    WARN(error.what());
    return;
  }
  CHECK(refused);
  std::thread([] {}).join();
  CHECK_THROWS_AS(where_no_thread_starts([] { throw std::logic_error("of the work"); }), std::logic_error);
}

TEST_CASE("what the machine lacks is known by the exception, and nothing else is", "[harness][verify]") {
  const auto system = [](std::errc code) { return std::system_error(std::make_error_code(code)); };
  const auto store = [](pool::StoreFault fault) {
    return pool::StoreError(fault, 0, "file", "opening", "text");
  };
  CHECK(lack_of(std::bad_alloc()) == kNoMemory);
  CHECK(lack_of(system(std::errc::resource_unavailable_try_again)) == kNoThreads);
  CHECK(lack_of(system(std::errc::no_space_on_device)) == kNoSpace);
  CHECK(lack_of(store(pool::StoreFault::full)) == kNoSpace);
  CHECK(lack_of(store(pool::StoreFault::no_memory)) == kNoMemory);
  CHECK(lack_of(store(pool::StoreFault::busy)).empty());
  CHECK(lack_of(system(std::errc::resource_deadlock_would_occur)).empty());
  CHECK(lack_of(std::bad_array_new_length()).empty());
  CHECK(why_not_run(std::runtime_error("a bug")) == "a bug");
}

}  // namespace crosstalk::harness::verify
