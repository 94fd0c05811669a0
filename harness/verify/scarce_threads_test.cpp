#include "harness/verify/scarce_threads.h"

#include <catch2/catch.hpp>
#include <stdexcept>
#include <system_error>
#include <thread>

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

}  // namespace crosstalk::harness::verify
