#include <catch2/catch.hpp>

#include <cstdint>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>

#include "harness/catalog.h"
#include "harness/trial_test_help.h"
#include "pool/builtin.h"
#include "pool/chat/null_server.h"
#include "pool/containers/locked_map.h"
#include "pool/executor/executor.h"
#include "pool/executor/pool_stats.h"

namespace crosstalk::harness {
namespace {

// A user's lock: two members and nothing declared.
class PluggedIn {
 public:
  void lock() { mutex_.lock(); }
  void unlock() { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

class ExcludesNobody {
 public:
  void lock() noexcept {}
  void unlock() noexcept {}
};

Strategy named(const std::string& name) {
  Strategy strategy;
  strategy.name = name;
  return strategy;
}

TEST_CASE("a strategy's name is split into server and mechanism", "[harness][catalog]") {
  Catalog catalog;
  catalog.add(named("my-server_2/lock-9"));
  REQUIRE(catalog.strategies().size() == 1);
  CHECK(catalog.strategies()[0].server == "my-server_2");
  CHECK(catalog.strategies()[0].mechanism == "lock-9");
  CHECK(catalog.find("my-server_2/lock-9") == &catalog.strategies()[0]);
  CHECK(catalog.find("my-server_2") == nullptr);
  CHECK(catalog.find("") == nullptr);
}

TEST_CASE("a name that cannot be asked for is refused", "[harness][catalog]") {
  for (const std::string name :
       {"", "coarse", "/", "coarse/", "/mutex", "a/b/c", "Coarse/mutex", "a b/c", "a/b*", "a/\xc3\xa4"}) {
    Catalog catalog;
    CHECK_THROWS_WITH(
        catalog.add(named(name)),
        "catalog: a strategy is named server/mechanism in a-z, 0-9, '_' and '-', got '" + name + "'");
    CHECK(catalog.strategies().empty());
  }
}

TEST_CASE("a strategy may be asked for twice, under a name of its own", "[harness][catalog]") {
  Catalog catalog;
  catalog.add_lock<std::mutex>("mine");
  CHECK(catalog.find("coarse/mine#2") == catalog.find("coarse/mine"));
  CHECK(catalog.find("coarse/mine#17") == catalog.find("coarse/mine"));
  for (const char* none : {"coarse/mine#", "coarse/mine#x", "coarse/mine#2#", "#2", "coarse/other#2"})
    CHECK(catalog.find(none) == nullptr);
}

TEST_CASE("a name is taken once", "[harness][catalog]") {
  Catalog catalog;
  catalog.add(named("a/b"));
  CHECK_THROWS_WITH(catalog.add(named("a/b")), "catalog: strategy 'a/b' is there already");
  CHECK_THROWS_AS(catalog.add(named("a/b")), std::invalid_argument);
  CHECK(catalog.strategies().size() == 1);
}

TEST_CASE("a plugged-in lock comes in every server and passes their laws", "[harness][catalog]") {
  Catalog catalog = builtin_catalog();
  const std::size_t before = catalog.strategies().size();
  catalog.add_lock<PluggedIn>("my_lock");
  REQUIRE(catalog.strategies().size() == before + 2);
  for (const char* name : {"coarse/my_lock", "sharded/my_lock"}) {
    const Strategy* strategy = catalog.find(name);
    REQUIRE(strategy != nullptr);
    CHECK(strategy->plugged_in);
    CHECK_FALSE(strategy->one_thread);
    CHECK_FALSE(strategy->floor);
    CHECK(strategy->lock_bytes == sizeof(PluggedIn));
    CHECK(strategy->contract.exclusive);
    CHECK_FALSE(strategy->contract.shared);
    CHECK(strategy->check().empty());
    const TestTrial trial(mixed_trace(1), 2);
    CHECK(broken(*trial.run(strategy->trial)).empty());
  }
  CHECK_THROWS_AS(catalog.add_lock<PluggedIn>("my_lock"), std::invalid_argument);
}

TEST_CASE("the check of a plugged-in lock that excludes nobody says so", "[harness][catalog]") {
  Catalog catalog;
  catalog.add_lock<ExcludesNobody>("nobody");
  CHECK(catalog.find("coarse/nobody")->check().find("exclusion: ") == 0);
}

TEST_CASE("a plugged-in server is measured as it is", "[harness][catalog]") {
  Catalog catalog;
  catalog.add_server<pool::NullServer>("my/server");
  const Strategy* strategy = catalog.find("my/server");
  REQUIRE(strategy != nullptr);
  CHECK(strategy->plugged_in);
  CHECK(strategy->check == nullptr);
  CHECK(strategy->lock_bytes == 0);
  const TestTrial trial(mixed_trace(1), 1);
  const auto report = trial.run(strategy->trial);
  CHECK(report->counting_only);
  CHECK(broken(*report).empty());
}

TEST_CASE("a plugged-in cell comes in the coarse server and is checked", "[harness][catalog]") {
  Catalog catalog;
  catalog.add_cell<pool::LeftRight>("my_cell");
  REQUIRE(catalog.strategies().size() == 1);
  const Strategy* strategy = catalog.find("coarse/my_cell");
  REQUIRE(strategy != nullptr);
  CHECK(strategy->plugged_in);
  CHECK(strategy->check().empty());
  CHECK(strategy->lock_bytes == sizeof(pool::CellOf<pool::LeftRight, std::uint64_t>));
  CHECK(broken(*TestTrial(mixed_trace(1), 2).run(strategy->trial)).empty());
}

TEST_CASE("a plugged-in map carries a server", "[harness][catalog]") {
  Catalog catalog;
  catalog.add_map<pool::RwLockedMap>("my_map");
  const Strategy* strategy = catalog.find("map/my_map");
  REQUIRE(strategy != nullptr);
  CHECK(strategy->plugged_in);
  CHECK(strategy->check == nullptr);
  CHECK(strategy->composed);
  CHECK(broken(*TestTrial(mixed_trace(1), 2).run(strategy->trial)).empty());
}

// Runs every task where it is handed in.
class InPlace final : public pool::WorkerPool {
 public:
  explicit InPlace(const pool::PoolOptions&) {}
  pool::Admission post(pool::Task task, pool::Priority) override {
    static_cast<void>(task());
    ++stats_.submitted;
    ++stats_.completed;
    return pool::Admission::caller_ran;
  }
  void shutdown() override {}
  [[nodiscard]] pool::PoolStats stats() const override { return stats_; }

 private:
  pool::PoolStats stats_;
};

TEST_CASE("a plugged-in pool runs the requests of the pooled path", "[harness][catalog]") {
  Catalog catalog = builtin_catalog();
  catalog.add_pool<InPlace>("in_place");
  const PoolKind* kind = catalog.find_pool("in_place");
  REQUIRE(kind != nullptr);
  CHECK(kind->plugged_in);
  CHECK_FALSE(kind->bounded);
  REQUIRE(catalog.find_pool("crosstalk") != nullptr);
  CHECK(catalog.find_pool("crosstalk")->bounded);
  CHECK(catalog.find_pool("else") == nullptr);
  CHECK_THROWS_WITH(catalog.add_pool<InPlace>("in_place"), "catalog: pool 'in_place' is there already");
  CHECK_THROWS_AS(catalog.add_pool<InPlace>("In Place"), std::invalid_argument);
  TestTrial trial(mixed_trace(1), 1);
  trial.pooled(1);
  trial.input.make_pool = kind->make;
  const auto report = trial.run(catalog.find("sharded/std_mutex")->trial);
  CHECK(broken(*report).empty());
  CHECK(report->laws.pool_completed == report->laws.pool_submitted);
  CHECK(report->laws.pool_submitted > 0);
}

TEST_CASE("the built-in catalog has the floor, the reference and both servers of its locks",
          "[harness][catalog]") {
  const Catalog catalog = builtin_catalog();
  std::set<std::string> names;
  for (const Strategy& strategy : catalog.strategies()) {
    CHECK(names.insert(strategy.name).second);
    CHECK(strategy.trial != nullptr);
    CHECK_FALSE(strategy.plugged_in);
    CHECK(strategy.floor == (strategy.name == "null/null"));
    const bool one_thread = strategy.name == "reference/none" || strategy.mechanism == "null";
    CHECK(strategy.one_thread == (one_thread && !strategy.floor));
    CHECK((strategy.check != nullptr) == (strategy.server == "coarse" || strategy.server == "sharded"));
    CHECK_FALSE(strategy.peer);
    CHECK((strategy.lock_bytes > 0) == (strategy.check != nullptr));
  }
  for (const char* name : {"null/null", "reference/none", "coarse/std_mutex", "sharded/std_mutex",
                           "coarse/rw_lock", "sharded/ticket", "coarse/left_right", "snapshot/rcu",
                           "actor/mailbox", "map/flat_map", "map/locked_map"}) {
    CHECK(names.contains(name));
  }
  pool::for_each_builtin_lock([&]<class L>(std::string_view lock) {
    const std::string suffix = "/" + std::string(lock);
    CHECK(names.contains("coarse" + suffix) == names.contains("sharded" + suffix));
    if (const Strategy* strategy = catalog.find("coarse" + suffix)) {
      CHECK(strategy->lock_bytes == sizeof(L));
      CHECK(strategy->contract.algorithm == pool::kContractOf<L>.algorithm);
    }
  });
}

}  // namespace
}  // namespace crosstalk::harness
