#include "harness/reference_check.h"

#include <algorithm>

#include "harness/child.h"

namespace crosstalk::harness {

namespace {

constexpr std::uint64_t kReferenceTimeoutNs = 300'000'000'000;
constexpr std::uint64_t kPrefixDeliveries = 5'000'000;  // about a second of the reference server
constexpr std::uint64_t kPrefixOperations = 1U << 17;

// That the reference server gets through in about a second, and not so few that nothing would be seen.
std::uint64_t prefix_of(const PreparedTrace& trace) {
  const double per_operation = static_cast<double>(trace.lap_deliveries) /
                               static_cast<double>(std::max<std::size_t>(1, trace.trace.ops.size()));
  const auto affordable = static_cast<std::uint64_t>(kPrefixDeliveries / (per_operation + 1));
  return std::clamp<std::uint64_t>(affordable, 1'024, kPrefixOperations);
}

}  // namespace

std::uint64_t ReferenceCheck::limit(const PreparedTrace& trace, const TrialOptions& options,
                                    std::size_t drivers) const {
  // With a store the history shows what is stored by then, and that differs from run to run.
  const bool comparable = reference_ != nullptr && drivers == 1 && options.path == Path::direct &&
                          options.dispatch == pool::Dispatch::inlined && options.store == StoreKind::memory &&
                          !options.thinks() && options.checks != Checks::off;
  if (!comparable) return 0;
  if (options.checks == Checks::full || !trace.trace.repeats) return most_;
  return std::min(most_, prefix_of(trace));
}

const ReferenceCheck::Run& ReferenceCheck::reference_run(const PreparedTrace& trace, const TrialInput& input,
                                                         std::uint64_t operations) {
  Run& run = runs_[trace.trace.hash];
  if (run.operations >= operations) return run;
  TrialInput own = input;
  own.options = TrialOptions{};
  own.options.checks = Checks::live;
  own.options.operations = operations;
  own.options.interval_ns = 1'000'000'000;
  own.options.checkpoint_limit = operations;
  const SharedReport report = make_shared_report();
  run.failure = run_in_child(reference_->trial, own, *report, kReferenceTimeoutNs);
  run.checkpoints.assign(report->checkpoints.begin(),
                         report->checkpoints.begin() + static_cast<std::ptrdiff_t>(report->checkpoint_count));
  run.operations = operations;
  return run;
}

std::string ReferenceCheck::compare(const PreparedTrace& trace, const TrialInput& input,
                                    const TrialReport& report) {
  if (reference_ == nullptr || report.counting_only || report.checkpoint_count == 0) return {};
  const std::uint64_t last = report.checkpoints[report.checkpoint_count - 1].operations;
  const Run& reference = reference_run(trace, input, last);
  if (!reference.failure.empty()) return "the reference server " + reference.failure;
  std::uint64_t agreed = 0;
  for (std::size_t i = 0; i < report.checkpoint_count; ++i) {
    const Checkpoint& mine = report.checkpoints[i];
    const auto theirs =
        std::find_if(reference.checkpoints.begin(), reference.checkpoints.end(),
                     [&](const Checkpoint& point) { return point.operations == mine.operations; });
    if (theirs == reference.checkpoints.end()) continue;
    if (theirs->digest != mine.digest) {
      return "differs from the reference server between operation " + std::to_string(agreed) + " and " +
             std::to_string(mine.operations);
    }
    agreed = mine.operations;
  }
  return agreed > 0 ? std::string() : "no operation could be compared with the reference server";
}

}  // namespace crosstalk::harness
