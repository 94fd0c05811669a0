#include "reports/block_numbers.h"

#include <catch2/catch.hpp>

namespace crosstalk::reports {
namespace {

RecordedTrial trial_of(const std::string& run, const std::string& strategy, std::uint64_t block) {
  RecordedTrial trial;
  trial.identity.run_id = run;
  trial.identity.strategy = strategy;
  trial.identity.block = block;
  return trial;
}

TEST_CASE("rows of one plan that were run one by one share their blocks", "[reports][block_numbers]") {
  std::vector<RecordedTrial> trials{trial_of("r1", "a/a", 0), trial_of("r2", "b/b", 0),
                                    trial_of("r3", "a/a", 1)};
  settle_blocks(trials);
  CHECK(trials[0].identity.block == 0);
  CHECK(trials[1].identity.block == 0);
  CHECK(trials[2].identity.block == 1);
}

TEST_CASE("a run that was repeated has further blocks", "[reports][block_numbers]") {
  std::vector<RecordedTrial> trials{trial_of("r1", "a/a", 0), trial_of("r1", "b/b", 1),
                                    trial_of("r2", "a/a", 0), trial_of("r2", "b/b", 1),
                                    trial_of("r3", "a/a", 0)};
  settle_blocks(trials);
  CHECK(trials[2].identity.block == 2);
  CHECK(trials[3].identity.block == 3);
  CHECK(trials[4].identity.block == 4);
}

TEST_CASE("the same strategy under another load is no repetition", "[reports][block_numbers]") {
  std::vector<RecordedTrial> trials{trial_of("r1", "a/a", 0), trial_of("r2", "a/a", 0)};
  trials[1].identity.clients = 5;
  settle_blocks(trials);
  CHECK(trials[1].identity.block == 0);
  for (auto part : {&TrialIdentity::pool, &TrialIdentity::dispatch, &TrialIdentity::store,
                    &TrialIdentity::queue_policy, &TrialIdentity::pin}) {
    trials = {trial_of("r1", "a/a", 0), trial_of("r2", "a/a", 0)};
    trials[1].identity.*part = "other";
    settle_blocks(trials);
    CHECK(trials[1].identity.block == 0);
  }
  trials = {trial_of("r1", "a/a", 0), trial_of("r2", "a/a", 0)};
  trials[1].allocator = "other";
  settle_blocks(trials);
  CHECK(trials[1].identity.block == 0);
}

}  // namespace
}  // namespace crosstalk::reports
