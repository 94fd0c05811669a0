// A herd: many sessions that are lost together and come back together, once a lap (STATS.md, 3.7). It goes on
// top of the lap's other operations, as in life: while it goes or returns, the rate is higher.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "workloads/population.h"
#include "workloads/random.h"
#include "workloads/scenario.h"

namespace crosstalk::workloads {

// Operation `index` of a lap is due when `time` of the lap has gone, 0 to 1.
struct LapKnot {
  std::size_t index = 0;
  double time = 0;
};

// Says whose turn it is to go or to return, by how far the lap's other operations have come. Makes no
// operations: whoever makes them tells how many there were.
class Herd {
 public:
  // Of the lap: when the herd begins to go. herd_gone, herd_away and herd_back follow.
  static constexpr double kBegin = 0.1;

  // Throws InputError if going and returning take more than half of the lap's operations.
  Herd(const Scenario& scenario, std::uint64_t seed, const Population& population);

  enum class Turn : std::uint8_t { nobody, goes, returns };
  // After so many operations of the lap, the herd's own included; not fewer than the time before.
  [[nodiscard]] Turn turn(std::size_t operations);
  // Each takes one out whose turn it is, and must follow such an answer of turn.
  [[nodiscard]] std::uint32_t take_going();
  [[nodiscard]] std::uint32_t take_returning();
  // Has gone and is to return.
  void add_gone(std::uint32_t client) { returning_.push_back(client); }
  void made(std::size_t operations) noexcept;
  // Operations that it will not make: somebody had no session.
  void spared(std::size_t operations) noexcept { owed_ -= operations; }
  // When nobody who is left can do anything: on to the next turn. Returns whether there is one.
  bool skip() noexcept;

  // Operations still to come.
  [[nodiscard]] std::size_t owed() const noexcept { return owed_; }
  // Ascending; none without a herd.
  [[nodiscard]] std::span<const LapKnot> knots() const noexcept { return knots_; }

 private:
  // Ends at the mark of its number.
  enum Phase : std::uint8_t { before, going, away, returning, after };

  [[nodiscard]] bool is_due(std::size_t left) const noexcept;
  void end_phase(std::size_t operations);

  RandomStream random_;
  std::vector<std::uint32_t> going_;  // from the back
  std::vector<std::uint32_t> returning_;
  std::size_t size_ = 0;  // at the begin of the phase
  std::size_t owed_ = 0;
  std::size_t made_ = 0;
  double others_ = 1;  // operations of the lap that are not the herd's
  double clock_ = 0;   // how much of the lap's time has gone
  Phase phase_ = after;
  std::array<double, 4> marks_{};
  std::vector<LapKnot> knots_;
};

}  // namespace crosstalk::workloads
