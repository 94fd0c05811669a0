// What a run found out, in a table and a sentence: medians over blocks, who wins, and what must not be used.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/text_table.h"
#include "reports/recorded_trial.h"
#include "reports/run_result.h"
#include "reports/tournament.h"

namespace crosstalk::harness {

// Everything but the strategy: only rows of one load are compared.
struct LoadName {
  std::string key;   // equal for the same load
  std::string text;  // "closed, 5,000 clients, 2 drivers"
};
[[nodiscard]] LoadName load_name_of(const reports::RecordedTrial& trial);

// Of two strategies that both spend more than this in the harness itself, the difference is not theirs.
inline constexpr double kFloorLimit = 1.0 / 2;

class Summary {
 public:
  // Keeps what it needs of the row "all".
  void add(const reports::RecordedTrial& trial);
  void add(const reports::RunResult& result) { add(reports::recorded(result)); }

  // A table per configuration: a line per strategy, best first, null rows last.
  struct Section {
    std::string title;
    TextTable table;
  };
  [[nodiscard]] std::vector<Section> sections() const;
  // All of it in one table, the configuration as its first column.
  [[nodiscard]] TextTable table() const;
  // A sentence per configuration with several strategies: the winner, or what could not be told apart.
  [[nodiscard]] std::vector<std::string> findings() const;
  // Trials that must not be used or were not checked, strategies near the harness's own cost, and those that the live checks slow down.
  [[nodiscard]] std::vector<std::string> warnings() const;

  // 3: a law was broken; else 8: a trial crashed or hung; else 4: some strategy has no trial that was measured soundly;
  // else 0.
  [[nodiscard]] int exit_code() const;

 private:
  struct Row {
    std::uint64_t block = 0;
    bool floor = false;
    reports::Status status = reports::Status::ok;
    std::string reason;
    std::optional<bool> verified;
    double achieved_ops_s = 0;
    std::optional<double> offered_ops_s;
    std::optional<std::uint64_t> response_p50_ns, response_p99_ns;
    std::optional<double> floor_share;
    std::optional<double> check_cost_pct;
  };
  struct Line {
    std::string strategy;
    std::vector<Row> rows;
    [[nodiscard]] bool usable_everywhere() const;
    [[nodiscard]] std::optional<double> floor_share() const;  // median
  };
  // Everything but the strategy: only lines of one configuration are compared.
  struct Configuration {
    std::string key;
    std::string name;  // "closed", "poisson 20k/s, 1000 clients"
    bool closed = true;
    bool pooled = false;
    std::vector<Line> lines;
  };

  static bool usable(const Row& row);
  Line& line_of(const reports::RecordedTrial& trial);
  [[nodiscard]] static std::vector<const Line*> ranked(const Configuration& configuration);
  [[nodiscard]] static std::vector<std::string> cells_of(const Line& line);
  [[nodiscard]] static std::vector<reports::Contender> field_of(const Configuration& configuration);
  [[nodiscard]] static std::string finding(const Configuration& configuration);
  [[nodiscard]] static std::string unchecked_warning(const Configuration& configuration);
  [[nodiscard]] static std::string floor_warning(const Configuration& configuration);
  [[nodiscard]] static std::string check_warning(const Configuration& configuration);

  std::vector<Configuration> configurations_;
};

}  // namespace crosstalk::harness
