// The largest rate at which a condition is met: a state machine that asks for one trial after the other and knows
// nothing of measuring. As fio's latency_target: doubling until a rate fails, bisection (of the logarithm) down to the
// precision, then clean trials at the found rate to confirm it. Every trial is a fresh one.
//
//   climbing -> bisecting -> judging both ends -> confirming -> found
//       \                        |                    | a failed confirmation is the new upper end
//        limit reached           ends that fall go back to bisecting
//
// Trials are noisy, so what lies near the border is judged by an odd number of them, `confirmations`: unanimous ones
// decide; where one dissents, 2 confirmations - 1 trials are made and one dissent is outvoted, more are not. A rate whose
// trials disagree so is neither met nor failed: the border is there, and the bracket is laid around it, wide enough for
// ends that are clear. So noise widens the bracket, rather than moving it to one side of the truth. It is no confidence
// interval: where the border that single trials see scatters by as much as the precision, three brackets in four hold
// the true one.
//
// What is asked must be monotone in the rate but for noise: met below some rate, failed above it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace crosstalk::reports {

struct CapacityOptions {
  double start_ops_s = 1000;      // the first rate tried
  double limit_ops_s = 1e9;       // no rate above it is tried
  double precision = 0.05;        // failed / met - 1 at the end, at least 0.01; wider where trials disagree
  std::size_t confirmations = 3;  // odd; 1 trusts every single trial
  double lowest_ops_s = 0;        // no rate below it is tried; 0: start_ops_s
  std::size_t trial_limit = 100;
};

struct Bracket {
  double met_ops_s = 0;     // the capacity found; 0: not even the lowest rate
  double failed_ops_s = 0;  // lowest rate known to fail; infinite: none failed up to the limit
  bool confirmed = false;   // clean trials at met_ops_s met it again
};

enum class CapacityOutcome : unsigned char { searching, found, below_lowest, limit_reached, gave_up };

class CapacitySearch {
 public:
  // Throws std::invalid_argument for options out of range, with name, bound and value.
  explicit CapacitySearch(CapacityOptions options);

  // The rate of the next trial; the same until it is told about. Empty: the search is over.
  [[nodiscard]] std::optional<double> next_rate();
  // What a trial at `rate` showed.
  void tell(double rate, bool met);

  [[nodiscard]] CapacityOutcome outcome() const noexcept { return outcome_; }
  // The best that is known so far.
  [[nodiscard]] Bracket bracket() const;
  [[nodiscard]] std::size_t trials() const noexcept { return trials_; }
  // For people: "not even the lowest rate, 100/s", "limit reached", "gave up after 100 trials", or nothing.
  [[nodiscard]] std::string remark() const;

 private:
  enum class State : unsigned char { met, failed, mixed };
  struct Judged {
    double rate = 0;
    std::size_t met = 0, failed = 0;  // votes
    std::size_t confirmed = 0, refuted = 0;
    State state = State::met;
    bool firm = false;
  };
  struct Ends {
    const Judged* met = nullptr;                 // largest below `failed`
    const Judged* failed = nullptr;              // smallest
    double lowest_mixed = 0, highest_mixed = 0;  // between the ends, 0: none
    std::size_t mixed = 0;
  };

  [[nodiscard]] Ends ends() const;
  [[nodiscard]] double near_step(const Ends& ends) const;
  [[nodiscard]] std::optional<double> choose();
  [[nodiscard]] std::optional<double> probe_between(const Ends& ends);
  [[nodiscard]] std::optional<double> conclude(const Ends& ends);
  [[nodiscard]] double climb_from(double rate, double factor);
  [[nodiscard]] double descend_from(double rate, double factor);
  void settle(Judged& judged) const;
  Judged& entry(double rate);

  CapacityOptions options_;
  std::vector<Judged> judged_;  // ascending rates
  std::optional<double> asked_;
  bool asked_firmly_ = false;  // near the border: one vote is not enough
  bool confirming_ = false;
  double stride_ = 2;  // factor of climbing and descending
  std::size_t trials_ = 0;
  CapacityOutcome outcome_ = CapacityOutcome::searching;
};

}  // namespace crosstalk::reports
