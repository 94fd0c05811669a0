#include <catch2/catch.hpp>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <shared_mutex>
#include <string>

#include <unistd.h>

#include "harness/plug_in_check.h"

namespace crosstalk::harness {
namespace {

class Sound {
 public:
  void lock() { mutex_.lock(); }
  void unlock() { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

class LetsEverybodyIn {
 public:
  void lock() noexcept {}
  void unlock() noexcept {}
};

class NeverOpens {
 public:
  void lock() {
    for (;;) pause();
  }
  void unlock() noexcept {}
};

class Aborts {
 public:
  void lock() {
    std::signal(SIGABRT, SIG_DFL);  // else the test program takes it for a failure of its own
    std::abort();
  }
  void unlock() noexcept {}
};

class ReadersBesideWriters {
 public:
  void lock() { mutex_.lock(); }
  void unlock() { mutex_.unlock(); }
  void lock_shared() noexcept {}
  void unlock_shared() noexcept {}

 private:
  std::mutex mutex_;
};

template <class L>
Catalog with(const char* name) {
  Catalog catalog;
  catalog.add_lock<L>(name);
  return catalog;
}

TEST_CASE("a sound lock may be timed", "[harness][plug_in]") {
  CHECK_NOTHROW(check_plugged_in(with<Sound>("sound"), {"sharded/sound"}));
}

TEST_CASE("a lock that breaks its contract is refused by name and property", "[harness][plug_in]") {
  CHECK_THROWS_WITH(check_plugged_in(with<LetsEverybodyIn>("open"), {"sharded/open"}),
                    Catch::Contains("strategy 'sharded/open' breaks its contract: exclusion: ") &&
                        Catch::Contains("--no-check"));
  CHECK_THROWS_WITH(check_plugged_in(with<ReadersBesideWriters>("rw"), {"coarse/rw"}),
                    Catch::Contains("exclusion of readers"));
  CHECK_THROWS_AS(check_plugged_in(with<LetsEverybodyIn>("open"), {"coarse/open"}), BrokenContract);
}

TEST_CASE("a lock that hangs or crashes is refused too", "[harness][plug_in]") {
  CHECK_THROWS_WITH(
      check_plugged_in(with<NeverOpens>("shut"), {"coarse/shut"}, nullptr, std::chrono::seconds(1)),
      Catch::Contains("did not end within 1 s"));
  CHECK_THROWS_WITH(check_plugged_in(with<Aborts>("aborts"), {"coarse/aborts"}),
                    Catch::Contains("killed by signal 6"));
}

TEST_CASE("nothing is checked that is not measured, or is built in", "[harness][plug_in]") {
  Catalog catalog = with<LetsEverybodyIn>("open");
  catalog.add_lock<Sound>("sound");
  CHECK_NOTHROW(check_plugged_in(catalog, {"coarse/sound"}));
  CHECK_NOTHROW(check_plugged_in(catalog, {"coarse/unheard_of"}));
  Strategy builtin = coarse_strategy<LetsEverybodyIn>("built_in");
  catalog.add(builtin);
  CHECK_NOTHROW(check_plugged_in(catalog, {"coarse/built_in"}));
}

}  // namespace
}  // namespace crosstalk::harness
