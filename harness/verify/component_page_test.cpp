#include "harness/verify/component_page.h"

#include <catch2/catch.hpp>

namespace crosstalk::harness::verify {

namespace {

Component one_lock() {
  return {.name = "lock/mine", .promises = "exclusive", .cases = {}};
}

CaseOutcome failure_of(std::uint64_t round_threads) {
  CaseOutcome failed{"stress", {.seconds = 1, .seed = 7, .threads_most = 64}, {}};
  failed.outcome.verdict = Verdict::fail;
  failed.outcome.property = "exclusion";
  failed.outcome.detail = "two inside";
  failed.outcome.trace = "from  to\n0     1\n";
  failed.outcome.round = 3;
  failed.outcome.threads = round_threads;
  return failed;
}

ComponentOutcome outcome_of(CaseOutcome one) {
  ComponentOutcome outcome;
  outcome.verdict = one.outcome.verdict;
  outcome.cases = {std::move(one)};
  return outcome;
}

}  // namespace

TEST_CASE("a failure is replayed with as many threads as it had", "[harness][verify]") {
  CHECK(replay_of(one_lock(), failure_of(64)) == "lock/mine:stress:7:3:64:0");
  CHECK(replay_of(one_lock(), failure_of(1)) == "lock/mine:stress:7:3:0:0");
  CaseOutcome shrunk = failure_of(64);
  shrunk.options.threads = 2;
  CHECK(replay_of(one_lock(), shrunk) == "lock/mine:stress:7:3:2:0");
}

TEST_CASE("the page of a failure holds what one needs", "[harness][verify]") {
  CHECK(failure_page(one_lock(), failure_of(4)) ==
        "FAIL lock/mine: exclusion\n  two inside\n  contract: exclusive\n"
        "  case: stress, round 3 of seed 7, 4 threads, after 0.00 s\n"
        "  replay: crosstalk verify --replay lock/mine:stress:7:3:4:0\n"
        "  what happened last (processor ticks; operation(key, argument) = result):\n"
        "    from  to\n    0     1\n");
}

TEST_CASE("the page of an explored scenario has the command of the explorer", "[harness][verify]") {
  CaseOutcome failed{"explore", {.seconds = 1, .seed = 7}, {}};
  failed.outcome.verdict = Verdict::fail;
  failed.outcome.property = "deadlock";
  failed.outcome.detail = "lock/mine/two: nobody can go on";
  failed.outcome.replay = "crosstalk_explore_pool lock/mine/two --replay 't0.2.1'";
  failed.outcome.trace = "step  thread 0\n1     lock()\n";
  CHECK(failure_page(one_lock(), failed) ==
        "FAIL lock/mine: deadlock\n  lock/mine/two: nobody can go on\n  contract: exclusive\n"
        "  case: explore, after 0.00 s\n"
        "  replay: crosstalk_explore_pool lock/mine/two --replay 't0.2.1'\n"
        "  what each thread did, in the order in which it happened:\n"
        "    step  thread 0\n    1     lock()\n");
}

TEST_CASE("a replay that meets no failure says that and no more", "[harness][verify]") {
  CaseOutcome silent{"stress", {}, {}};
  silent.outcome.verdict = Verdict::pass;
  silent.outcome.complete = true;
  silent.outcome.rounds = 120;
  silent.outcome.cells = {{"lock", 5}};
  const Replay replay{.component = "lock/mine", .one_case = "stress", .seed = 7, .round = 3};
  const std::string page = replay_page(one_lock(), outcome_of(silent), replay);
  CHECK(page.starts_with("lock/mine, case stress, from round 3 of seed 7: the failure was not met again"));
  CHECK(page.find("operation") == std::string::npos);
  CHECK(
      replay_page(one_lock(), outcome_of(failure_of(4)), replay).starts_with("FAIL lock/mine: exclusion\n"));
}

}  // namespace crosstalk::harness::verify
