// Results folders of trials that were never run, for the tests of what `crosstalk report` makes of them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "harness/recorded_folder.h"
#include "harness/tournament_test_help.h"
#include "reports/results_test_help.h"

namespace crosstalk::harness {

// A folder with these results, measured by `command`.
class WrittenFolder {
 public:
  explicit WrittenFolder(const std::vector<reports::RunResult>& results,
                         const std::string& command = "crosstalk run") {
    reports::ResultsWriter writer(files.path);
    std::uint64_t trial = 0;
    for (reports::RunResult result : results) {
      result.identity.trial = trial++;
      for (reports::OpResult& op : result.ops) op.service = op.response;
      writer.write(result);
    }
    writer.write_environment(
        {{"command", command}, {"cpus_online", "2"}, {"load_average", "0.50 1.25 2.00 1/99 7"}});
  }
  [[nodiscard]] RecordedFolder read() const { return RecordedFolder(files.path); }

  reports::ResultsFolder files;
};

// Two strategies in two blocks, one trial of the second one contaminated, and a floor.
inline std::vector<reports::RunResult> usual_results() {
  std::vector<reports::RunResult> results{
      tournament_trial("a/a", 0, 100'000, 100), tournament_trial("b/b", 0, 50'000, 200),
      tournament_trial("null/null", 0, 9e6, 10), tournament_trial("a/a", 1, 120'000, 300),
      tournament_trial("b/b", 1, 60'000, 5'000)};
  results.back().status = reports::Status::contaminated;
  results.back().status_reason = "others took 9 % <of> \"it\"";
  return results;
}

}  // namespace crosstalk::harness
