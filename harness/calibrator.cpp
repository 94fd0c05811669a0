#include "harness/calibrator.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <exception>
#include <random>
#include <thread>

#include "harness/clock.h"
#include "harness/display.h"
#include "harness/foreign_load.h"
#include "harness/lock_costs.h"
#include "harness/pacer.h"
#include "harness/placement.h"
#include "harness/plan.h"
#include "harness/run_options.h"
#include "harness/session.h"
#include "harness/timing_probes.h"
#include "harness/values.h"
#include "reports/paired.h"

namespace crosstalk::harness {

namespace {

constexpr std::uint64_t kSleepNs = 100'000;
constexpr std::uint64_t kPacingRates[] = {100'000, 1'000'000};  // operations a second
constexpr std::size_t kProbesWithoutRate = 4;
constexpr std::size_t kPoissonGaps = 1U << 16U;
constexpr std::uint64_t kCalibrationSeed = 1;
constexpr const char* kFloorStrategy = "null/null";

// Runs f where a driver would run: pinned, with sharp timers, beside another thread of the process. That thread is
// gone when this returns, so that trials can be forked; and this one is pinned nowhere.
template <class F>
void on_driver_thread(const F& f) {
  std::exception_ptr failure;
  std::thread([&] {
    try {
      pin_this_thread(place(Pin::spread, usable_processors(), 1, 0).drivers.front());
      sharpen_timers();
      f();
    } catch (...) {
      failure = std::current_exception();
    }
  }).join();
  if (failure) std::rethrow_exception(failure);
}

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char stamp[32];
  std::strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return stamp;
}

void nap(std::uint64_t ns) {
  const timespec time{0, static_cast<long>(ns)};
  nanosleep(&time, nullptr);
}

class Calibrating {
 public:
  Calibrating(const Catalog& catalog, const CalibrationEffort& effort, const Interrupt& interrupt,
              const OnCalibrationStep& on_step)
      : effort_(effort), interrupt_(interrupt), on_step_(on_step), session_(catalog, "calibrate", interrupt) {
    plan_floors(catalog);
    for (const std::string& scenario : effort.scenarios) {
      equals_.push_back(
          plan_of(catalog, {"--scenario", scenario, "--strategy", effort.strategy}, effort.pairs));
    }
    for (const Plan* plan : plans()) session_.prepare(plan->front());
    state_.total = kProbesWithoutRate + std::size(kPacingRates) + effort.floor_trials * floors_.size() +
                   2 * effort.pairs * equals_.size();
  }

  std::optional<Calibration> run() {
    result_.machine = this_fingerprint();
    result_.quick = effort_.quick;
    const LoadSnapshot before = load_snapshot();
    probe();
    for (const Plan& plan : floors_) measure_floor(plan);
    for (std::size_t i = 0; i < equals_.size(); ++i) measure_noise(equals_[i], effort_.scenarios[i]);
    if (stopped()) return std::nullopt;
    const ForeignLoad load =
        foreign_load_since(before);  // the trials' processes were waited for: they are ours
    result_.foreign_cpu_share = load.foreign_cpu_share;
    result_.steal_share = load.steal_share;
    result_.time = utc_now();
    return result_;
  }

 private:
  // As `run` would measure it, but closed and direct unless the arguments say so.
  Plan plan_of(const Catalog& catalog, std::vector<std::string> arguments, std::size_t repetitions) const {
    for (const char* more : {"--load", "closed", "--seed"}) arguments.emplace_back(more);
    arguments.push_back(std::to_string(kCalibrationSeed));
    arguments.emplace_back("--duration");
    arguments.push_back(format_duration(effort_.trial_ns));
    PlanRequest request =
        parse_run(catalog, arguments, {}, {.name = "calibrate", .defaults = {}, .own = {}}).request;
    request.clients.resize(1);
    request.threads.resize(1);
    request.strategies.resize(1);
    request.repetitions = repetitions;
    request.with_floor = false;
    return make_plan(request);
  }

  void plan_floors(const Catalog& catalog) {
    if (catalog.find(kFloorStrategy) == nullptr || effort_.scenarios.empty()) return;
    const std::vector<std::string> base{
        "--scenario", effort_.scenarios.front(), "--strategy", kFloorStrategy, "--threads", "1"};
    for (const std::vector<std::string>& path :
         {std::vector<std::string>{"--path", "direct"}, {"--path", "pooled", "--workers", "1"}}) {
      std::vector<std::string> arguments = base;
      arguments.insert(arguments.end(), path.begin(), path.end());
      floors_.push_back(plan_of(catalog, arguments, effort_.floor_trials));
    }
  }

  [[nodiscard]] std::vector<const Plan*> plans() const {
    std::vector<const Plan*> all;
    for (const std::vector<Plan>* list : {&floors_, &equals_}) {
      for (const Plan& plan : *list) {
        if (!plan.empty()) all.push_back(&plan);
      }
    }
    return all;
  }

  [[nodiscard]] bool stopped() const { return interrupt_.signal() != 0; }

  // Says what comes next; false: nothing does.
  bool step(std::string_view what) {
    if (stopped()) return false;
    state_.what = what;
    state_.share = static_cast<double>(state_.done) / static_cast<double>(state_.total);
    state_.elapsed_ns = static_cast<std::uint64_t>(
        std::chrono::nanoseconds(std::chrono::steady_clock::now() - begin_).count());
    if (on_step_) on_step_(state_);
    ++state_.done;
    return true;
  }

  void probe() {
    result_.clock = clock_.is_tsc() ? "tsc" : "steady";
    if (step("clock")) on_driver_thread([&] { probe_the_clock(); });
    if (step("timer")) on_driver_thread([&] { probe_the_timer(); });
    if (step("scheduler gaps")) on_driver_thread([&] { probe_the_scheduler(); });
    for (const std::uint64_t rate : kPacingRates) {
      if (step("pacing at " + display_rate(static_cast<double>(rate))))
        on_driver_thread([&] { probe_the_pacer(rate); });
    }
    if (!step("locks")) return;
    on_driver_thread(
        [&] { result_.locks = measure_lock_costs(clock_, effort_.lock_slices, effort_.lock_slice_ns); });
  }

  void probe_the_clock() {
    const ClockProbe probe = probe_clock(clock_, effort_.clock_slices, effort_.clock_readings);
    result_.clock_cost_ns = probe.cost_ns;
    result_.clock_resolution_ns = probe.resolution_ns;
  }

  void probe_the_timer() {
    const reports::Histogram overshoot = probe_timer(clock_, nap, kSleepNs, effort_.sleeps);
    result_.timer_overshoot_p50_ns = overshoot.percentile_of_few(0.5);
    result_.timer_overshoot_p99_ns = overshoot.percentile_of_few(0.99);
  }

  void probe_the_scheduler() {
    const GapProbe probe = probe_gaps(clock_, effort_.gap_span_ns);
    result_.gap_span_ns = probe.span_ns;
    result_.gap_share = probe.lost_share;
    result_.gap_p99_ns = probe.gaps.percentile_of_few(0.99);
    result_.gap_max_ns = probe.gaps.max();
  }

  void probe_the_pacer(std::uint64_t rate_ops_s) {
    const Pacer pacer(clock_, true, nullptr);
    const std::vector<double> gaps = poisson_gaps(kPoissonGaps, kCalibrationSeed);
    const double mean_gap_ns = 1e9 / static_cast<double>(rate_ops_s);
    const auto operations = static_cast<std::size_t>(static_cast<double>(effort_.pacing_ns) / mean_gap_ns);
    const reports::Histogram lateness = probe_pacing(
        clock_, [&](std::uint64_t instant) { return pacer.wait_until(instant); },
        mean_gap_ns * clock_.ticks_per_ns(), operations, gaps);
    result_.pacing.push_back({.rate_ops_s = rate_ops_s,
                              .lateness_p50_ns = lateness.percentile_of_few(0.5),
                              .lateness_p99_ns = lateness.percentile_of_few(0.99)});
  }

  void measure_floor(const Plan& plan) {
    std::vector<double> services_ns;
    std::vector<double> rates_ops_s;
    const std::string path(to_string(plan.front().path));
    for (const PlanRow& row : plan) {
      if (!step("floor, " + path)) return;
      const reports::RunResult result = session_.run(row);
      if (result.status == reports::Status::failed) continue;
      services_ns.push_back(result.ops.front().service.mean());
      rates_ops_s.push_back(result.ops.front().achieved_ops_s);
    }
    if (services_ns.empty()) return;
    result_.floors.push_back({.path = path,
                              .service_ns = reports::median(services_ns),
                              .achieved_ops_s = reports::median(rates_ops_s)});
  }

  void measure_noise(const Plan& plan, const std::string& scenario) {
    std::vector<EqualPair> pairs;
    std::mt19937_64 coin(kCalibrationSeed);
    for (const PlanRow& row : plan) {
      EqualPair pair;
      // A drift of the machine must not favour one of the two.
      const bool a_first = (coin() & 1U) != 0;
      for (const bool first : {true, false}) {
        if (!step("equals, " + scenario)) return;
        PlanRow trial = row;
        trial.row = 2 * row.row + (first ? 0 : 1);  // the row chooses the padding of the heap
        const reports::RunResult result = session_.run(trial);
        if (result.status == reports::Status::failed) continue;
        (first == a_first ? pair.a_ops_s : pair.b_ops_s) = result.ops.front().achieved_ops_s;
      }
      pairs.push_back(pair);
    }
    Calibration::Noise noise = noise_of(pairs);
    noise.scenario = scenario;
    noise.strategy = effort_.strategy;
    noise.trial_ns = effort_.trial_ns;
    result_.noise.push_back(std::move(noise));
  }

  const CalibrationEffort& effort_;
  const Interrupt& interrupt_;
  const OnCalibrationStep& on_step_;
  const Clock clock_ = Clock::calibrated();
  Session session_;
  std::vector<Plan> floors_;
  std::vector<Plan> equals_;  // by scenario
  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  ProgressState state_;
  Calibration result_;
};

}  // namespace

// Slices are short beside the kernel's time slices: most of them are undisturbed even beside others' work, and the median
// is that of an undisturbed one.
CalibrationEffort CalibrationEffort::quick_one() {
  return {.quick = true,
          .clock_slices = 201,
          .clock_readings = 10'000,
          .sleeps = 1'000,
          .gap_span_ns = 1'000'000'000,
          .pacing_ns = 1'000'000'000,
          .lock_slices = 201,
          .lock_slice_ns = 100'000,
          .trial_ns = 200'000'000,
          .floor_trials = 1,
          .pairs = 8,
          .scenarios = {"community"}};
}

CalibrationEffort CalibrationEffort::full_one() {
  return {.quick = false,
          .clock_slices = 1'001,
          .clock_readings = 10'000,
          .sleeps = 5'000,
          .gap_span_ns = 3'000'000'000,
          .pacing_ns = 3'000'000'000,
          .lock_slices = 1'001,
          .lock_slice_ns = 100'000,
          .trial_ns = 1'000'000'000,
          .floor_trials = 3,
          .pairs = 16,
          .scenarios = {"community", "hot_counter"}};
}

Calibration::Noise noise_of(const std::vector<EqualPair>& pairs) {
  // A robust standard deviation, about the true difference of equals: the median of |x| is 0.6745 of a normal one.
  constexpr double kNormalMad = 0.67448975;
  constexpr double kConfidence = 0.95;
  std::vector<double> ratios;
  std::vector<double> sizes;
  for (const EqualPair& pair : pairs) {
    if (!(pair.a_ops_s > 0) || !(pair.b_ops_s > 0)) continue;
    ratios.push_back(std::log(pair.a_ops_s / pair.b_ops_s));
    sizes.push_back(std::abs(ratios.back()));
  }
  Calibration::Noise noise;
  noise.pairs = ratios.size();
  if (ratios.empty()) return noise;
  noise.pair_sd_pct = 100 * std::expm1(reports::median(sizes) / kNormalMad);
  if (const auto interval = reports::hodges_lehmann_interval(ratios, kConfidence)) {
    noise.low_pct = 100 * std::expm1(interval->low);
    noise.high_pct = 100 * std::expm1(interval->high);
  }
  return noise;
}

std::optional<Calibration> calibrate(const Catalog& catalog, const CalibrationEffort& effort,
                                     const Interrupt& interrupt, const OnCalibrationStep& on_step) {
  return Calibrating(catalog, effort, interrupt, on_step).run();
}

}  // namespace crosstalk::harness
