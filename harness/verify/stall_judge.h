// Has the process under test come to a stand? Judged by what its threads did with the processor, not by the clock alone: a process
// that was stopped, or did not get the processor, has not hung.
//
// A sample is a look at the process. Samples count while no thread makes progress; the count begins anew whenever one does, when
// the process was stopped, and when the sample itself comes late (then the observer was stopped, or the whole machine).
//   asleep   every thread slept in kAsleepSamples samples in a row and none had used the processor meanwhile
//   burning  the threads used kBurningNs of processor time without progress, or as many times that as the case's steps are long
//            and as there are pairs of processors that its threads can use at once
#pragma once

#include <algorithm>
#include <cstdint>

namespace crosstalk::harness::verify {

enum class Stall : std::uint8_t { none, asleep, burning };

struct StallSample {
  std::uint64_t now_ns = 0;
  std::uint64_t steps = 0;   // of all threads; any change is progress
  std::uint64_t cpu_ns = 0;  // of all threads
  unsigned threads = 1;
  unsigned patience = 1;  // of Page
  bool stopped = false;   // a debugger, or SIGSTOP
  bool all_asleep = false;
};

class StallJudge {
 public:
  static constexpr std::uint64_t kTickNs = 50'000'000;  // samples are to be taken so often
  static constexpr unsigned kAsleepSamples = 14;
  static constexpr std::uint64_t kBurningNs = 4'000'000'000;

  // `factor`: more patience, for sanitizers; above 1 the process may have threads of a sanitizer's own, which wake up now and then
  // for a moment. `processors`: of the machine, 0 if it does not say.
  explicit StallJudge(unsigned factor = 1, unsigned processors = 1) noexcept
      : factor_(factor), processors_(processors) {}

  [[nodiscard]] Stall judge(const StallSample& sample) noexcept {
    const bool late = seen_ && sample.now_ns - last_ns_ > 3 * kTickNs;
    last_ns_ = sample.now_ns;
    const bool threads_ended = sample.cpu_ns < asleep_cpu_ns_;
    if (!seen_ || late || sample.stopped || threads_ended || sample.steps != steps_) {
      seen_ = true;
      steps_ = sample.steps;
      base_cpu_ns_ = asleep_cpu_ns_ = sample.cpu_ns;
      asleep_ = 0;
      return Stall::none;
    }
    const bool used_cpu = sample.cpu_ns - asleep_cpu_ns_ > kSlackNs * factor_;
    if (used_cpu || !sample.all_asleep || factor_ > 1) asleep_cpu_ns_ = sample.cpu_ns;
    if (used_cpu || !sample.all_asleep) {
      asleep_ = 0;
    } else if (++asleep_ >= kAsleepSamples * factor_) {
      return Stall::asleep;
    }
    return sample.cpu_ns - base_cpu_ns_ > burning_ns(sample) ? Stall::burning : Stall::none;
  }

 private:
  static constexpr std::uint64_t kSlackNs = 200'000;

  // By the clock many threads on many processors would otherwise have a fraction of the time that one has.
  [[nodiscard]] std::uint64_t burning_ns(const StallSample& sample) const noexcept {
    const unsigned pairs = std::max(1U, std::min(processors_, sample.threads) / 2);
    return kBurningNs * factor_ * sample.patience * pairs;
  }

  const unsigned factor_;
  const unsigned processors_;
  bool seen_ = false;
  std::uint64_t last_ns_ = 0, steps_ = 0, base_cpu_ns_ = 0, asleep_cpu_ns_ = 0;
  unsigned asleep_ = 0;
};

}  // namespace crosstalk::harness::verify
