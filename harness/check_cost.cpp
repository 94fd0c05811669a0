#include "harness/check_cost.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "harness/client_book.h"
#include "harness/live_probe.h"
#include "harness/op_cursor.h"
#include "harness/placement.h"
#include "harness/receive_turn.h"
#include "harness/recorders.h"
#include "harness/trial_services.h"
#include "reports/paired.h"

namespace crosstalk::harness {

namespace {

constexpr double kSliceNs = 200'000;  // short beside the kernel's time slices, long beside a clock reading
constexpr std::uint64_t kFirstSlice = 16;  // operations
constexpr double kWarmUpNs = 20'000'000;   // of both together
constexpr double kSpanNs = 150'000'000;
constexpr std::size_t kPairsMax = 400;
constexpr double kConfidence = 0.95;

struct SliceTicks {
  double service = 0;
  double loop = 0;
};

// One of the two servers, and how far in the trace it is.
class CheckedReplay {
 public:
  CheckedReplay(const ServerKind& kind, const TrialInput& input, bool checked)
      : checked_(checked),
        input_(without_services(input)),
        services_(input_),
        tallies_(input_.trace->clients),
        recorders_(make_recorders(input_, tallies_, true)),
        book_(checked ? input_.trace->clients : 0, true),
        cursor_(input_.trace->ops, input_.trace->lap_ns, input_.trace->repeats),
        turn_(0, 1, input_.trace->clients) {
    pool::ServerOptions options;
    options.clients = std::max(1U, input_.trace->clients);
    options.rooms = std::max(1U, input_.trace->rooms);
    options.counter = input_.options.counter;
    services_.lend(options);
    server_ = kind.make(options,
                        {.clock = input_.clock,
                         .checks = checked ? Checks::live : Checks::off,
                         .calls = {},
                         .book = checked ? &book_ : nullptr,
                         .journal = nullptr,
                         .marks = nullptr,
                         .recorders = recorders_},
                        true);
    prefill();
  }

  [[nodiscard]] bool at_end() const noexcept { return cursor_.at_end(); }

  // Issues the next operations, fewer at the end of the trace.
  [[nodiscard]] SliceTicks run(std::uint64_t operations) {
    LiveProbe::blind(!checked_);
    std::uint64_t service = 0;
    const std::uint64_t begin = input_.clock.now();
    for (std::uint64_t i = 0; i < operations && !cursor_.at_end(); ++i, cursor_.advance()) {
      const Issued issued = server_->issue(0, cursor_.op());
      service += issued.ended - issued.started;
      turn_.posted(issued.recipients);
      while (turn_.due()) server_->receive(0, turn_.take(), 0);
    }
    const std::uint64_t loop = input_.clock.now() - begin;
    LiveProbe::blind(false);
    return {.service = static_cast<double>(service), .loop = static_cast<double>(loop)};
  }

 private:
  void prefill() {
    for (const std::uint32_t client : input_.trace->connected)
      server_->issue(0, {.client = client, .kind = workloads::OpKind::connect});
    for (const workloads::Membership& member : input_.trace->members)
      server_->issue(0, {.client = member.client, .room = member.room, .kind = workloads::OpKind::join});
  }

  bool checked_;
  TrialInput input_;
  TrialServices services_;  // outlives the server
  std::vector<ClientTally> tallies_;
  Recorders recorders_;
  ClientBook book_;
  OpCursor cursor_;
  ReceiveTurn turn_;
  std::unique_ptr<ServerUnderTest> server_;
};

class CheckCosting {
 public:
  CheckCosting(const ServerKind& kind, const TrialInput& input)
      : input_(input), with_(kind, input, true), without_(kind, input, false) {}

  CheckCost measure() {
    for (double spent = 0; spent < ticks(kWarmUpNs) && !over(); spent += take_pair()) {
    }
    services_.clear();
    loops_.clear();
    for (double spent = 0; spent < ticks(kSpanNs) && services_.size() < kPairsMax && !over();
         spent += take_pair()) {
    }
    return result();
  }

 private:
  [[nodiscard]] double ticks(double ns) const { return ns * input_.clock.ticks_per_ns(); }

  [[nodiscard]] bool over() const noexcept {
    // relaxed: set by a signal; a pair more does no harm.
    const bool stopped = input_.stop != nullptr && input_.stop->load(std::memory_order_relaxed);
    return stopped || with_.at_end() || without_.at_end();
  }

  // Returns the ticks of both slices. Slices grow until they are long enough, and only then count.
  double take_pair() {
    with_first_ = !with_first_;
    SliceTicks with;
    if (with_first_) with = with_.run(slice_);
    const SliceTicks without = without_.run(slice_);
    if (!with_first_) with = with_.run(slice_);
    if (std::min(with.loop, without.loop) < ticks(kSliceNs) / 2) {
      slice_ *= 2;
    } else if (!over() && std::min(with.service, without.service) > 0) {
      services_.push_back(std::log(with.service / without.service));
      loops_.push_back(std::log(with.loop / without.loop));
    }
    return with.loop + without.loop;
  }

  [[nodiscard]] CheckCost result() const {
    CheckCost cost;
    const auto interval = reports::hodges_lehmann_interval(services_, kConfidence);
    if (!interval) return cost;
    cost.pairs = services_.size();
    cost.share = std::expm1(reports::hodges_lehmann(services_));
    cost.low = std::expm1(interval->low);
    cost.high = std::expm1(interval->high);
    cost.loop_share = std::expm1(reports::hodges_lehmann(loops_));
    return cost;
  }

  const TrialInput& input_;
  CheckedReplay with_;
  CheckedReplay without_;
  std::uint64_t slice_ = kFirstSlice;
  bool with_first_ = false;
  std::vector<double> services_;  // log-ratios, one a pair
  std::vector<double> loops_;
};

}  // namespace

CheckCost measure_check_cost(const ServerKind& kind, const TrialInput& input) {
  if (kind.counting) return {};
  if (!input.driver_cpus.empty()) pin_this_thread(input.driver_cpus.front());
  return CheckCosting(kind, input).measure();
}

}  // namespace crosstalk::harness
