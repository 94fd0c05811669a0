// A plan: every trial of a run, in the order in which they are measured. A plain value with a CSV form, so
// that one row can be run alone, on another machine or by another program, and the results folders merged.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "harness/repeat.h"
#include "harness/trial_input.h"
#include "pool/chat/chat_types.h"
#include "pool/executor/thread_pool.h"

namespace crosstalk::harness {

enum class LoadModel : std::uint8_t { closed, constant, poisson, hawkes, trace };
enum class Pin : std::uint8_t { spread, compact, none };

// One trial. Every value is resolved: 0 never means "choose for me".
struct PlanRow {
  std::uint64_t row = 0;         // from 0, in order of measurement
  std::uint64_t block = 0;       // a block holds every strategy and configuration once, in random order
  std::uint64_t repetition = 0;  // equal to the block within one run
  bool floor = false;            // null/null beside the strategies: the harness's own cost
  std::string strategy;          // server/mechanism
  std::string scenario;          // name or path; empty for a replay
  std::string settings;   // keys of the scenario that are set otherwise, as `--set` has it; empty: none
  std::string trace;      // path of a trace CSV; empty for a scenario
  double time_scale = 0;  // times of trace or envelope are divided by this; 0: fit the trace into duration_ns
  double lurkers = 0;     // replay: silent members per speaker
  Path path = Path::direct;
  std::string pool = "crosstalk";
  pool::QueuePolicy queue_policy = pool::QueuePolicy::block;
  pool::CounterKind counter = pool::CounterKind::locked;
  pool::Dispatch dispatch = pool::Dispatch::inlined;
  StoreKind store = StoreKind::memory;
  std::uint32_t clients = 0;  // 0 for a replay, where the trace says it
  unsigned threads = 1;       // drivers
  unsigned workers = 0;       // 0 where neither path nor dispatch is pooled
  unsigned inflight = 0;      // pooled closed loop: requests under way; else 0
  LoadModel load = LoadModel::closed;
  double rate_ops_s = 0;  // constant, poisson, hawkes; the mean where it changes; else 0
  std::string stages;     // how the rate changes, as `--stages` has it; empty: it does not
  std::string envelope;   // the same, path of a CSV file with a rate per minute
  std::string think;      // closed: time between an answer and the client's next operation; empty: none
  std::uint64_t outside_ns = 0;  // direct, closed: mean work of a driver between two operations
  Repeat repeat{};               // closed, no think time: operations done once more on purpose
  std::uint64_t duration_ns =
      0;  // measured phase; 0 where `operations`, or time_scale and the trace, say how long
  std::uint64_t warmup_ns = 0;
  bool steady = false;           // the warm-up ends as soon as throughput is steady, warmup_ns is the longest
  std::uint64_t operations = 0;  // equal work over all drivers; 0 where duration_ns says how long
  std::uint64_t timeout_ns = 0;  // the whole trial, after which its process is killed
  std::uint64_t seed = 0;
  Pin pin = Pin::spread;
  Checks checks = Checks::live;
  bool latency = true;
  bool anatomy = false;
  bool count = false;              // count what operations do too, apart from the trial
  double foreign_limit_pct = 100;  // above it a row is contaminated; from 100 on never
  bool sleeps = false;             // drivers only sleep towards an instant, they never spin
  bool arena =
      true;  // the server's memory comes from the trial's own arena, else from the system's allocator

  [[nodiscard]] bool has_rate() const noexcept {
    return load == LoadModel::constant || load == LoadModel::poisson || load == LoadModel::hawkes;
  }
  [[nodiscard]] bool has_profile() const noexcept { return !stages.empty() || !envelope.empty(); }
  [[nodiscard]] bool has_workers() const noexcept {
    return path == Path::pooled || dispatch == pool::Dispatch::pooled;
  }

  friend bool operator==(const PlanRow&, const PlanRow&) = default;
};

using Plan = std::vector<PlanRow>;

// What a plan is made of: `base` holds all that does not vary; strategies x clients x threads x rates make
// the configurations of a block.
struct PlanRequest {
  PlanRow base;
  std::vector<std::string> strategies;  // names, not globs
  std::vector<std::uint32_t> clients;   // {0} for a replay
  std::vector<unsigned> threads;
  std::vector<double> rates;  // {0} where the load model has none
  std::uint64_t repetitions = 1;
  bool with_floor = true;  // adds null/null to each block once per configuration, if not named already
};

// The blocks, each shuffled by its own random stream of the seed. Rows of null/null are floor rows, named or added; in
// the first block they stand in front, so that every row has a floor to be seen against.
[[nodiscard]] Plan make_plan(const PlanRequest& request);

// The file begins with the column schema_version; the others are named as the members of PlanRow. They may
// stand in any order, and rows may be missing. write_plan throws reports::OutputError, read_plan throws
// workloads::InputError with file, line, column, bound and value; it also refuses a row whose cells
// contradict each other.
void write_plan(const std::filesystem::path& file, const Plan& plan);
[[nodiscard]] Plan read_plan(const std::filesystem::path& file);
[[nodiscard]] std::string plan_text(const Plan& plan);

[[nodiscard]] std::string_view to_string(LoadModel model) noexcept;
[[nodiscard]] std::string_view to_string(Pin pin) noexcept;
[[nodiscard]] std::string_view to_string(Path path) noexcept;
[[nodiscard]] std::string_view to_string(Checks checks) noexcept;
[[nodiscard]] std::string_view to_string(pool::QueuePolicy policy) noexcept;
[[nodiscard]] std::string_view to_string(pool::CounterKind kind) noexcept;
[[nodiscard]] std::string_view to_string(pool::Dispatch dispatch) noexcept;
[[nodiscard]] std::string_view to_string(StoreKind store) noexcept;

}  // namespace crosstalk::harness
