// The measurement against known answers, in virtual time: queueing theory, a stall, servers that misbehave by number.
// harness/ACCURACY.md tells what came out.
#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "harness/audit.h"
#include "harness/trial_test_help.h"
#include "harness/virtual_server_help.h"
#include "pool/chat/coarse_server.h"
#include "pool/stress_rounds.h"
#include "reports/queueing_theory.h"

namespace crosstalk::harness {
namespace {

namespace theory = reports::theory;
using reports::Histogram;
using workloads::ArrivalLaw;
using workloads::OpKind;

constexpr double kServiceNs = 10'000;

workloads::Trace posts_trace(ArrivalLaw law, double rate_ops_s, std::uint32_t operations,
                             std::uint64_t seed) {
  workloads::Scenario scenario;
  scenario.name = "posts";
  scenario.rooms = 1;
  scenario.churn = 0;
  scenario.silent_share = 0;
  scenario.lap_operations = operations;
  return make_trace(scenario, seed, 50, {.law = law, .rate_ops_s = rate_ops_s});
}

// A trial in virtual time on one driver, open loop, over `operations` of the trace.
class VirtualTrial {
 public:
  VirtualTrial(workloads::Trace trace, std::uint64_t operations,
               std::function<std::uint64_t(std::uint64_t)> service_ns)
      : trial(std::move(trace), 1), work_{&time_, std::move(service_ns)} {
    trial.input.clock = Clock::driven_by(time_);
    trial.input.options.open_loop = true;
    trial.input.options.operations = operations;
  }

  std::unique_ptr<TrialReport> run(TrialFn server = &run_trial<VirtualServer>) {
    VirtualWork::current = &work_;
    auto report = trial.run(server);
    VirtualWork::current = nullptr;
    const Audit found = audit(trial.input, *report);
    INFO(found.failure);
    CHECK(found.failure.empty());
    return report;
  }

  TestTrial trial;

 private:
  VirtualTime time_;
  VirtualWork work_;
};

// Lines for the table of ACCURACY.md, where somebody wants them.
void write_down(const std::string& line) {
  const char* file = std::getenv("CROSSTALK_ACCURACY");
  if (file != nullptr) std::ofstream(file, std::ios::app) << line << '\n';
}

void compare(const std::string& what, double utilisation, double p, double truth_ns, const Histogram& found) {
  const auto measured = static_cast<double>(found.percentile(p).value_or(0));
  const double error = measured / truth_ns - 1;
  CAPTURE(what, utilisation, p, truth_ns, measured);
  CHECK(std::abs(error) <= 0.03);
  char line[160];
  std::snprintf(line, sizeof line, "| %s | %.1f | p%g | %.2f us | %.2f us | %+.2f %% |", what.c_str(),
                utilisation, p * 100, truth_ns / 1000, measured / 1000, error * 100);
  write_down(line);
}

TEST_CASE("response quantiles are those of queueing theory", "[harness][accuracy]") {
  // A sanitizer looks at the code, for which the first utilisation and fewer operations do: its quantiles need fewest.
  const std::uint64_t operations = pool::kSanitized ? 400'000 : 2'000'000;
  constexpr double kMu = 1e9 / kServiceNs;
  for (const double utilisation : {0.3, 0.6, 0.8}) {
    if (pool::kSanitized && utilisation > 0.3) break;
    const double rate = utilisation * kMu;
    const workloads::Trace trace =
        posts_trace(ArrivalLaw::poisson, rate, pool::kSanitized ? 1U << 18 : 1U << 20, 11);
    theory::Md1Wait wait(rate, 1 / kMu);
    VirtualTrial fixed(trace, operations,
                       [](std::uint64_t) { return static_cast<std::uint64_t>(kServiceNs); });
    const auto deterministic = fixed.run();
    workloads::RandomStream random(12, workloads::Purpose::operations);
    VirtualTrial varying(trace, operations, [&](std::uint64_t) {
      return static_cast<std::uint64_t>(kServiceNs * random.exponential() + 0.5);
    });
    const auto exponential = varying.run();
    for (const double p : {0.5, 0.9, 0.99}) {
      compare("M/D/1", utilisation, p, 1e9 * wait.quantile(p) + kServiceNs,
              of_kind(*deterministic, OpKind::post).response);
      compare("M/M/1", utilisation, p, 1e9 * theory::mm1_response_quantile(rate, kMu, p),
              of_kind(*exponential, OpKind::post).response);
    }
  }
}

// Ten seconds at 10,000 a second; one post in the middle takes 200 ms.
TEST_CASE("a stall shows in the response times of all who were due, and only there", "[harness][accuracy]") {
  constexpr std::uint64_t kOperations = 100'000;
  constexpr std::uint64_t kGapNs = 100'000;
  constexpr std::uint64_t kStallNs = 200'000'000;
  const auto service = [](std::uint64_t number) { return number == kOperations / 2 ? kStallNs : 10'000; };
  VirtualTrial trial(posts_trace(ArrivalLaw::constant, 10'000, 1U << 17, 3), kOperations, service);
  const auto report = trial.run();
  // Lindley's recursion says what each of them must have seen.
  std::vector<std::uint64_t> truth;
  std::uint64_t free_at = 0;
  for (std::uint64_t n = 0; n < kOperations; ++n) {
    free_at = std::max(free_at, n * kGapNs) + service(n);
    truth.push_back(free_at - n * kGapNs);
  }
  std::sort(truth.begin(), truth.end());
  const Histogram& response = of_kind(*report, OpKind::post).response;
  for (const double p : {0.5, 0.99, 0.999}) {
    const std::uint64_t exact = truth[static_cast<std::size_t>(std::ceil(p * kOperations)) - 1];
    const std::uint64_t measured = response.percentile(p).value_or(0);
    CAPTURE(p, exact, measured);
    Histogram bucket;  // the bucket of the truth, and how wide it is
    bucket.record(exact);
    std::uint64_t width = 0;
    bucket.for_each_bucket(
        [&](std::uint64_t low, std::uint64_t high, std::uint64_t) { width = high - low + 1; });
    CHECK(measured + width >= exact);
    CHECK(measured <= exact + width);
    write_down("| stall of 200 ms | p" + std::to_string(p * 100) + " response | " + std::to_string(exact) +
               " ns | " + std::to_string(measured) + " ns |");
  }
  CHECK(response.max() == kStallNs);
  const Histogram& service_times = of_kind(*report, OpKind::post).service;
  for (const double p : {0.5, 0.99, 0.999}) {
    CHECK(service_times.percentile(p).value_or(0) < 10'100);  // blind: 10 us, within a bucket
  }
}

// ---- the same in real time: nothing is asserted, the figures are for ACCURACY.md -------------------------------

// Takes real time over posts.
class SpinningServer : public pool::NullServer {
 public:
  using pool::NullServer::NullServer;
  static inline std::function<std::uint64_t(std::uint64_t)> service_ns;
  static inline std::uint64_t posts = 0;
  static inline Clock clock = Clock::steady();

  pool::PostResult post(Caller& caller, pool::ClientId client, pool::RoomId room, std::uint64_t tag,
                        std::uint32_t bytes, const pool::PostWatch& watch = {}) {
    const std::uint64_t end = clock.now() + clock.to_ticks(static_cast<double>(service_ns(posts++)));
    while (clock.now() < end) {
    }
    return pool::NullServer::post(caller, client, room, tag, bytes, watch);
  }
};

std::unique_ptr<TrialReport> in_real_time(workloads::Trace trace, std::uint64_t operations,
                                          std::function<std::uint64_t(std::uint64_t)> service_ns) {
  TestTrial trial(std::move(trace), 1);
  trial.input.clock = SpinningServer::clock = Clock::calibrated();
  trial.input.options.open_loop = true;
  trial.input.options.operations = operations;
  trial.input.options.spin = true;
  SpinningServer::service_ns = std::move(service_ns);
  SpinningServer::posts = 0;
  auto report = trial.run(&run_trial<SpinningServer>);
  const Audit found = audit(trial.input, *report);
  INFO(found.failure);
  CHECK(found.failure.empty());
  return report;
}

std::string us(const Histogram& histogram, double p) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f us",
                static_cast<double>(histogram.percentile(p).value_or(0)) / 1000);
  return text;
}

TEST_CASE("in real time: a stall, and M/M/1", "[.real]") {
  const auto stalled = in_real_time(
      posts_trace(ArrivalLaw::constant, 10'000, 1U << 17, 3), 100'000,
      [](std::uint64_t number) -> std::uint64_t { return number == 50'000 ? 200'000'000 : 10'000; });
  const KindReport& posts = of_kind(*stalled, OpKind::post);
  for (const double p : {0.5, 0.99, 0.999}) {
    write_down("| stall in real time | p" + std::to_string(p * 100) + " | " + us(posts.response, p) + " | " +
               us(posts.service, p) + " | " + us(posts.lateness, p) + " |");
  }
  for (const double utilisation : {0.3, 0.6, 0.8}) {
    const double rate = utilisation * 1e9 / kServiceNs;
    workloads::RandomStream random(12, workloads::Purpose::operations);
    const auto report = in_real_time(
        posts_trace(ArrivalLaw::poisson, rate, 1U << 18, 11), 400'000,
        [&](std::uint64_t) { return static_cast<std::uint64_t>(kServiceNs * random.exponential() + 0.5); });
    for (const double p : {0.5, 0.9, 0.99}) {
      const double truth = 1e9 * theory::mm1_response_quantile(rate, 1e9 / kServiceNs, p);
      const Histogram& response = of_kind(*report, OpKind::post).response;
      char line[160];
      std::snprintf(line, sizeof line, "| M/M/1 in real time | %.1f | p%g | %.2f us | %.2f us | %+.1f %% |",
                    utilisation, p * 100, truth / 1000,
                    static_cast<double>(response.percentile(p).value_or(0)) / 1000,
                    100 * (static_cast<double>(response.percentile(p).value_or(0)) / truth - 1));
      write_down(line);
    }
  }
}

// ---- servers that misbehave by number --------------------------------------------------------------------

// Of every so many deliveries (pairs, posts) one is dropped (swapped, delayed).
struct Misdeeds {
  std::uint64_t drop_every = 0;
  std::uint64_t swap_every = 0;
  std::uint64_t deliveries = 0, dropped = 0;
  std::uint64_t pairs = 0, swapped = 0;
  static inline Misdeeds* current = nullptr;
};

class MisbehavingServer : public pool::CoarseServer<std::mutex, LiveProbe> {
 public:
  using Inner = pool::CoarseServer<std::mutex, LiveProbe>;
  using Inner::Inner;

  pool::PostResult post(pool::Caller& caller, pool::ClientId client, pool::RoomId room, std::uint64_t tag,
                        std::uint32_t bytes, const pool::PostWatch& watch) {
    VirtualWork::current->post();
    return Inner::post(caller, client, room, tag, bytes, watch);
  }

  template <class Visit>
  std::size_t receive(pool::Caller& caller, pool::ClientId client, Visit&& visit) {
    return Inner::receive(caller, client, [&](const pool::Delivery* deliveries, std::size_t count) {
      std::vector<pool::Delivery> batch(deliveries, deliveries + count);
      spoil(batch);
      visit(batch.data(), batch.size());
    });
  }

 private:
  static void spoil(std::vector<pool::Delivery>& batch) {
    Misdeeds& deeds = *Misdeeds::current;
    for (std::size_t i = 0; deeds.swap_every > 0 && i + 1 < batch.size(); i += 2) {
      if (++deeds.pairs % deeds.swap_every != 0) continue;
      std::swap(batch[i], batch[i + 1]);
      ++deeds.swapped;
    }
    if (deeds.drop_every == 0) return;
    std::erase_if(batch, [&](const pool::Delivery&) {
      if (++deeds.deliveries % deeds.drop_every != 0) return false;
      ++deeds.dropped;
      return true;
    });
  }
};

// One client posts to thirty others, which keeps the order in each inbox that of its posts.
workloads::Trace one_speaker(std::uint32_t posts) {
  workloads::Trace trace = crowd_trace(31, posts, 1);
  for (workloads::Op& op : trace.ops) op.client = 0;
  return finished(std::move(trace), 1e7);
}

struct Outcome {
  std::unique_ptr<TrialReport> report;
  Misdeeds deeds;
};
Outcome misbehave(Misdeeds deeds, const std::function<std::uint64_t(std::uint64_t)>& service_ns) {
  constexpr std::uint32_t kPosts = 20'000;
  Misdeeds::current = &deeds;
  VirtualTrial trial(one_speaker(kPosts), kPosts, service_ns);
  auto report = trial.run(&run_trial<MisbehavingServer>);
  Misdeeds::current = nullptr;
  return {std::move(report), deeds};
}

std::uint64_t at_least(const Histogram& histogram, std::uint64_t bound) {
  std::uint64_t sum = 0;
  histogram.for_each_bucket([&](std::uint64_t low, std::uint64_t, std::uint64_t count) {
    if (low >= bound - bound / 64) sum += count;
  });
  return sum;
}

std::uint64_t quick(std::uint64_t) {
  return 1'000;
}

TEST_CASE("what is dropped is missing from the reach, to the last delivery", "[harness][accuracy]") {
  const Outcome outcome = misbehave({.drop_every = 1'000}, &quick);
  const LawCounts& laws = outcome.report->laws;
  CHECK(outcome.deeds.dropped == 600);
  CHECK(laws.expected == 600'000);
  CHECK(laws.expected - laws.delivered == outcome.deeds.dropped);
  CHECK_FALSE(broken(*outcome.report).empty());
  write_down("| dropped deliveries | " + std::to_string(outcome.deeds.dropped) + " | " +
             std::to_string(laws.expected - laws.delivered) + " |");
}

TEST_CASE("what is delayed is in the tail, to the last post", "[harness][accuracy]") {
  std::uint64_t delayed = 0;
  const Outcome outcome = misbehave({}, [&](std::uint64_t number) -> std::uint64_t {
    if (number % 1'000 != 999) return 1'000;
    ++delayed;
    return 5'001'000;
  });
  CHECK(broken(*outcome.report).empty());
  CHECK(delayed == 20);
  CHECK(at_least(of_kind(*outcome.report, OpKind::post).response, 5'000'000) == delayed);
  CHECK(at_least(outcome.report->delivery_last, 5'000'000) == delayed);
  CHECK(at_least(outcome.report->delivery_first, 5'000'000) == delayed);
  write_down("| posts delayed by 5 ms | " + std::to_string(delayed) + " | " +
             std::to_string(at_least(outcome.report->delivery_last, 5'000'000)) + " |");
}

TEST_CASE("what is swapped is an inversion, to the last pair", "[harness][accuracy]") {
  const Outcome outcome = misbehave({.swap_every = 500}, &quick);
  CHECK(outcome.deeds.swapped > 400);
  CHECK(outcome.report->laws.inversions == outcome.deeds.swapped);
  CHECK(outcome.report->laws.delivered == outcome.report->laws.expected);
  write_down("| swapped pairs | " + std::to_string(outcome.deeds.swapped) + " | " +
             std::to_string(outcome.report->laws.inversions) + " |");
}

}  // namespace
}  // namespace crosstalk::harness
