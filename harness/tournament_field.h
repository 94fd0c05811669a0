// The trials of a comparison, sorted by load and strategy, and what the tournament says of each load.
//
// Every row is kept. A block counts for a strategy where its row was measured soundly: ok or saturated, and not known to
// break a law. A strategy is left out altogether where any of its rows broke a law, crashed or hung, or where it and
// another one cost less than the harness itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reports/recorded_trial.h"
#include "reports/tournament.h"

namespace crosstalk::harness {

enum class Figure : std::uint8_t { throughput, response_p99, cpu_per_op };
[[nodiscard]] std::string_view to_string(Figure figure) noexcept;

struct FieldTrial {
  std::uint64_t block = 0;
  reports::Status status = reports::Status::ok;
  std::string reason;
  std::optional<bool> verified;
  double mean_ops_s = 0;
  double typical_ops_s = 0;  // median of slices
  std::uint64_t slice_ns = 0;
  std::optional<double> response_p99_ns;
  std::optional<double> cpu_per_op_ns;  // empty where it says nothing: an open loop whose drivers spin
  std::optional<double> floor_share;

  [[nodiscard]] bool sound() const noexcept;
};

struct FieldLine {
  std::string strategy;
  bool floor = false;
  std::vector<FieldTrial> trials;

  // The median over sound trials; empty where there is none.
  [[nodiscard]] std::optional<double> typical(Figure figure, bool by_slices) const;
  [[nodiscard]] std::size_t sound_trials() const noexcept;
};

// What a look at the blocks may spend of the error.
struct Look {
  double share = 1;
  std::size_t number = 1;
};

// One figure of a load, judged. Contender i of the tournament is lines[i] of the field.
struct JudgedFigure {
  Figure figure = Figure::throughput;
  std::vector<std::size_t> lines;
  std::vector<reports::Contender> contenders;  // with the values that were compared
  reports::Tournament tournament;
};

class LoadField {
 public:
  LoadField(std::string key, std::string name, std::string run_id, bool closed)
      : key_(std::move(key)), name_(std::move(name)), run_id_(std::move(run_id)), closed_(closed) {}

  void add(const reports::RecordedTrial& measured, bool drivers_spin);

  [[nodiscard]] const std::string& key() const noexcept { return key_; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const std::string& run_id() const noexcept { return run_id_; }
  [[nodiscard]] bool closed() const noexcept { return closed_; }
  [[nodiscard]] const std::vector<FieldLine>& lines() const noexcept { return lines_; }

  // Throughput where the loop is closed, else the response's p99: who leads by it leads the field.
  [[nodiscard]] Figure leading_figure() const noexcept;
  // Are the values of throughput medians of slices? They are where every sound trial has slices.
  [[nodiscard]] bool by_slices() const noexcept;
  // Why a line takes no part; empty where it does.
  [[nodiscard]] std::string why_out(const FieldLine& line) const;
  // The leading figure first, the others against the same leader; none where nobody is left to compare.
  [[nodiscard]] std::vector<JudgedFigure> judge(Look look) const;

 private:
  [[nodiscard]] std::vector<std::size_t> compared() const;
  [[nodiscard]] reports::Contender contender(const FieldLine& line, Figure figure) const;

  std::string key_, name_, run_id_;
  bool closed_ = true;
  std::vector<FieldLine> lines_;
};

// The field that a result belongs to, made if there is none.
[[nodiscard]] LoadField& field_of(std::vector<LoadField>& fields, const reports::RecordedTrial& trial);

// The lowest throughput of a strategy that takes part in a closed loop, operations per second; empty if none does.
[[nodiscard]] std::optional<double> slowest_closed_ops_s(const std::vector<LoadField>& fields);

}  // namespace crosstalk::harness
