#include <catch2/catch.hpp>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <shared_mutex>
#include <string>

#include "harness/plug_in_check.h"
#include "pool/sync/futex.h"

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

// Who leaves tells nobody.
class ForgetsToWake {
 public:
  void lock() {
    // acquire: pairs with the release in unlock().
    while (word_.exchange(1, std::memory_order_acquire) != 0)
      pool::futex_wait(reinterpret_cast<const std::uint32_t*>(&word_), 1);
  }
  void unlock() noexcept { word_.store(0, std::memory_order_release); }

 private:
  std::atomic<std::uint32_t> word_{0};
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

MeasuredParts strategy(const char* name) {
  return {.strategies = {name}, .pools = {}};
}

// The page of what is refused; empty: it was not.
std::string page_of(const Catalog& catalog, const MeasuredParts& parts) {
  try {
    check_plugged_in(catalog, parts);
  } catch (const BrokenContract& error) {
    return error.page();
  }
  return {};
}

// Takes what it is given and never runs it.
class LosesTasks final : public pool::WorkerPool {
 public:
  explicit LosesTasks(const pool::PoolOptions&) {}
  pool::Admission post(pool::Task, pool::Priority) override { return pool::Admission::accepted; }
  void shutdown() override {}
  [[nodiscard]] pool::PoolStats stats() const override { return {}; }
};

TEST_CASE("a sound lock may be timed", "[harness][plug_in]") {
  CHECK_NOTHROW(check_plugged_in(with<Sound>("sound"), strategy("sharded/sound")));
}

TEST_CASE("a lock that breaks its contract is refused by name and property, with a page",
          "[harness][plug_in]") {
  CHECK_THROWS_WITH(check_plugged_in(with<LetsEverybodyIn>("open"), strategy("sharded/open")),
                    Catch::StartsWith("strategy 'sharded/open' breaks its contract: exclusion: ") &&
                        Catch::Contains("--no-check"));
  const std::string page = page_of(with<ReadersBesideWriters>("rw"), strategy("coarse/rw"));
  CHECK_THAT(page, Catch::StartsWith("FAIL lock/rw: exclusion of readers\n"));
  CHECK_THAT(page, Catch::Contains("  replay: crosstalk verify --replay lock/rw:"));
  CHECK_THROWS_AS(check_plugged_in(with<LetsEverybodyIn>("open"), strategy("coarse/open")), BrokenContract);
}

TEST_CASE("a lock that hangs or crashes is refused too, and the page says who waits", "[harness][plug_in]") {
  const std::string page = page_of(with<ForgetsToWake>("deaf"), strategy("coarse/deaf"));
  CHECK_THAT(page, Catch::StartsWith("FAIL lock/deaf: ") && Catch::Contains("what happened last") &&
                       Catch::Contains("lock() ..."));
  CHECK_THAT(page_of(with<Aborts>("aborts"), strategy("coarse/aborts")), Catch::Contains("signal 6"));
}

TEST_CASE("a pool is refused where requests would go through it", "[harness][plug_in]") {
  Catalog catalog;
  catalog.add_pool<LosesTasks>("hole");
  CHECK_THAT(page_of(catalog, {.strategies = {}, .pools = {"hole"}}), Catch::StartsWith("FAIL pool/hole: "));
  PlanRow row;
  row.pool = "hole";
  CHECK_FALSE(needs_check(catalog, row));
  CHECK(measured_parts({row}).pools.empty());
  row.path = Path::pooled;
  CHECK(needs_check(catalog, row));
  CHECK(measured_parts({row}).pools == std::vector<std::string>{"hole"});
}

TEST_CASE("nothing is checked that is not measured, or is built in", "[harness][plug_in]") {
  Catalog catalog = with<LetsEverybodyIn>("open");
  catalog.add_lock<Sound>("sound");
  CHECK_NOTHROW(check_plugged_in(catalog, strategy("coarse/sound")));
  CHECK_NOTHROW(check_plugged_in(catalog, strategy("coarse/unheard_of")));
  Strategy builtin = coarse_strategy<LetsEverybodyIn>("built_in");
  catalog.add(builtin);
  CHECK_NOTHROW(check_plugged_in(catalog, strategy("coarse/built_in")));
}

}  // namespace
}  // namespace crosstalk::harness
