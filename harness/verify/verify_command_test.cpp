#include "harness/verify/verify_command.h"

#include <catch2/catch.hpp>
#include <sstream>

#include "harness/settings.h"
#include "harness/verify/component.h"
#include "pool/stress_rounds.h"

namespace crosstalk::harness::verify {

namespace {

struct NoLock {
  void lock() noexcept {}
  void unlock() noexcept {}
};

struct VerifyTold {
  int code;
  std::string out;
};

VerifyTold say(const Catalog& catalog, const std::vector<std::string>& arguments) {
  std::ostringstream out;
  std::ostringstream err;
  const int code = verify_command(catalog, arguments, {}, {out, err});
  return {code, out.str()};
}

}  // namespace

TEST_CASE("a plugged-in lock that excludes nobody fails with a page to act on", "[harness][verify][stress]") {
  Catalog catalog;
  catalog.add_lock<NoLock>("mine");
  const VerifyTold said = say(catalog, {"lock/mine", "--seconds", "1"});
  CHECK(said.code == 3);
  CHECK(said.out.starts_with("FAIL lock/mine: exclusion\n"));
  CHECK(said.out.find("replay: crosstalk verify --replay lock/mine:drills:1:0:0:0\n") != std::string::npos);
  const VerifyTold again = say(catalog, {"--replay", "lock/mine:drills:1:0:0:0", "--seconds", "1"});
  CHECK(again.code == 3);
}

TEST_CASE("a replay may have more threads than the tier", "[harness][verify][stress]") {
  Catalog catalog;
  catalog.add_lock<std::mutex>("mine");
  const VerifyTold said = say(catalog, {"--replay", "lock/mine:stress:1:0:16:20", "--seconds", "0.1"});
  CHECK((said.code == 0 || said.code == 5));
  CHECK(
      said.out.starts_with("lock/mine, case stress, from round 0 of seed 1: the failure was not met again"));
}

TEST_CASE("a replay of more than the case has is refused", "[harness][verify][stress]") {
  Catalog catalog;
  catalog.add_lock<std::mutex>("mine");
  CHECK_THROWS_WITH(say(catalog, {"--replay", "lock/mine:stress:1:0:65:20", "--seconds", "0.1"}),
                    "--replay: the case has at most 64 threads, got 65");
  CHECK_THROWS_WITH(say(catalog, {"--replay", "counter/atomic:mixed:1:0:4:101", "--seconds", "0.1"}),
                    "--replay: the case has at most 100 operations, got 101");
}

TEST_CASE("a lock that excludes passes, and the page says what was exercised", "[harness][verify][stress]") {
  Catalog catalog;
  catalog.add_lock<std::mutex>("mine");
  const VerifyTold said = say(catalog, {"mine", "--seconds", "1"});
  CHECK(said.code == 0);
  CHECK(said.out.starts_with("PASS lock/mine (exclusive, "));
  CHECK(said.out.find("try_lock = false") != std::string::npos);
  CHECK(said.out.find("not covered: ") != std::string::npos);
}

TEST_CASE("the full tier says so where there is no explorer beside the program",
          "[harness][verify][stress]") {
  const VerifyTold said = say({}, {"counter/atomic", "--tier", "full", "--seconds", "0.2"});
  CHECK(said.out.find("explore: not run: there is no crosstalk_explore_pool beside this program\n") !=
        std::string::npos);
}

TEST_CASE("a plugged-in lock that lets others in breaks a law of its chat server",
          "[harness][verify][stress]") {
  if (pool::kSanitized) return;  // the races are meant, and a sanitizer would tell of each
  Catalog catalog;
  catalog.add_lock<NoLock>("mine");
  const VerifyTold said = say(catalog, {"coarse/mine", "--seconds", "60"});
  CHECK(said.code == 3);
  CHECK(said.out.starts_with("FAIL coarse/mine: "));
  CHECK(said.out.find("contract: the laws of every trial\n") != std::string::npos);
}

TEST_CASE("verify says what it cannot do", "[harness][verify]") {
  const Catalog catalog;
  CHECK_THROWS_AS(say(catalog, {}), UsageError);
  CHECK_THROWS_AS(say(catalog, {"no_such_lock"}), UsageError);
  CHECK_THROWS_AS(say(catalog, {"mine", "--self-test"}), UsageError);
  CHECK_THROWS_AS(say(catalog, {"mine", "--seeds", "3"}), UsageError);
  CHECK_THROWS_AS(say(catalog, {"--replay", "nonsense"}), UsageError);
}

TEST_CASE("every part of the pool has a component, found by name or glob", "[harness][verify]") {
  const std::vector<Component> all = components_of(builtin_catalog());
  for (const char* name :
       {"lock/rw_lock",        "map/flat_map",          "counter/striped",     "cache/cache",
        "set/concurrent_set",  "pool/crosstalk",        "bus/pooled",          "connections/connection_pool",
        "chat/inbox",          "chat/session_registry", "sync/semaphore",      "sync/condition",
        "sync/event_count",    "sync/mailbox",          "sync/epoch",          "memory/arena_resource",
        "queue/write_queue",   "executor/strand",       "store/message_store", "store/sqlite_transaction",
        "queue/inbox",         "rooms/concurrent_map",  "files/file_store",    "files/output_file",
        "buffers/buffer_pool", "coarse/rw_lock",        "actor/mailbox",       "reference/none"}) {
    CHECK(chosen_components(all, name).size() == 1);
  }
  const std::vector<Component> queue = chosen_components(all, "queue/write_queue");
  REQUIRE(queue.size() == 1);
  std::vector<std::string> cases;
  for (const VerifyCase& one : queue.front().cases) cases.push_back(one.name);
  CHECK(cases == std::vector<std::string>{"crowd", "drills", "stress"});
  CHECK(chosen_components(all, "rw_lock").size() == 1);  // not coarse/rw_lock
  CHECK(chosen_components(all, "counter/*").size() == 3);
}

}  // namespace crosstalk::harness::verify
