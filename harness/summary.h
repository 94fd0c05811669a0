// What a run found out, in a table and a sentence: medians over blocks, who wins, and what must not be used.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/text_table.h"
#include "reports/run_result.h"
#include "reports/tournament.h"

namespace crosstalk::harness {

class Summary {
 public:
  // Keeps what it needs of the row "all".
  void add(const reports::RunResult& result);

  // A line per configuration and strategy, best first, null rows last.
  [[nodiscard]] TextTable table() const;
  // A sentence per configuration with several strategies and at least one block: the winner or what could not be told apart.
  [[nodiscard]] std::vector<std::string> findings() const;
  // Rows that must not be used, and rows near the harness's own cost; a line per strategy and reason.
  [[nodiscard]] std::vector<std::string> warnings() const;

  // The lowest throughput among strategies with usable closed-loop rows (median over blocks); empty if there is none.
  [[nodiscard]] std::optional<double> slowest_closed_ops_s() const;

  // 0, 3, 4 or 8, the gravest by DESIGN's order: correctness 3, crash or hang 8, nothing usable of some strategy 4.
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
  };
  struct Line {
    std::string strategy;
    std::vector<Row> rows;
    [[nodiscard]] bool usable_everywhere() const;
  };
  // Everything but the strategy: only lines of one configuration are compared.
  struct Configuration {
    std::string key;
    std::string name;  // "closed", "poisson 20k/s, 1000 clients"
    bool closed = true;
    std::vector<Line> lines;
  };

  static bool usable(const Row& row);
  Line& line_of(const reports::RunResult& result);
  [[nodiscard]] static std::vector<const Line*> ranked(const Configuration& configuration);
  [[nodiscard]] static std::string finding(const Configuration& configuration);

  std::vector<Configuration> configurations_;
};

}  // namespace crosstalk::harness
