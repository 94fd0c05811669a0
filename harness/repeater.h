// Repeats operations between others, as repeat.h says.
#pragma once

#include "harness/issuer.h"
#include "harness/recorder.h"
#include "harness/repeat.h"
#include "harness/server_under_test.h"
#include "workloads/op.h"

namespace crosstalk::harness {

// Does it. The laws hold of repeats too, so the books know of them.
template <pool::ChatOperations S, bool timed>
void repeat_once(Issuer<S, timed>& issuer, RepeatOf what, const workloads::Op& op) {
  LawCounts& counts = issuer.counts();
  ++counts.issued;
  counts.marks += issuer.calls().repeat(what, op) ? 1 : 0;
}

// For one driver.
template <pool::ChatOperations S, bool timed>
class Repeater {
 public:
  Repeater(const DriverRun& run, Issuer<S, timed>& issuer) noexcept
      : draw_(run.input.options.repeat, run.input.options.seed, run.index),
        issuer_(issuer),
        recorder_(run.recorder) {}

  [[nodiscard]] bool any() const noexcept { return draw_.any(); }
  // After each operation of the trace. `measured`: it belongs to the measured phase.
  [[gnu::noinline]] void after(const workloads::Op& op, bool measured) {
    const RepeatOf what = draw_.draw(op.kind);
    if (what == RepeatOf::nothing) return;
    repeat_once(issuer_, what, op);
    if (measured) recorder_.repeated();
  }

 private:
  RepeatDraw draw_;
  Issuer<S, timed>& issuer_;
  Recorder& recorder_;
};

}  // namespace crosstalk::harness
