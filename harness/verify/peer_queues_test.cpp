#include "harness/verify/peer_queues.h"

#include <catch2/catch.hpp>

#include "harness/verify/trial_of_cases.h"

namespace crosstalk::harness::verify {

TEST_CASE("queues of other libraries that were found keep what they promise", "[harness][verify][stress]") {
  std::vector<Component> all;
  add_peer_queues(all);
  for (const Component& one : all) {
    CHECK(one.peer);
    // Its false "empty" is known, and found within a second or not: `crosstalk verify queue/ck_fifo_mpmc`.
    if (one.name == "queue/ck_fifo_mpmc") continue;
    const ComponentOutcome outcome = run_cases(one.cases, {.seconds = 0.5, .seed = 1});
    INFO(one.name << (outcome.failed() == nullptr ? "" : ": " + outcome.failed()->outcome.detail));
    CHECK(outcome.failed() == nullptr);
  }
}

}  // namespace crosstalk::harness::verify
