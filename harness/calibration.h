// What `crosstalk calibrate` measured on this machine, kept between runs: the limits below which no result says anything.
// All times in nanoseconds.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/flags.h"
#include "reports/environment.h"

namespace crosstalk::harness {

// What a calibration holds for. Anything else may have other costs.
struct Fingerprint {
  std::string cpu_model;
  std::string cpus_usable;
  std::string kernel;
  std::string commit;
  std::string compiler;
  std::string build_type;
  friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
};
[[nodiscard]] Fingerprint fingerprint_of(const reports::Facts& machine);
[[nodiscard]] Fingerprint this_fingerprint();

struct Calibration {
  // Lateness of an open loop without a server, one driver with a processor of its own.
  struct Pacing {
    std::uint64_t rate_ops_s = 0;
    std::uint64_t lateness_p50_ns = 0;
    std::uint64_t lateness_p99_ns = 0;
    friend bool operator==(const Pacing&, const Pacing&) = default;
  };
  struct LockCost {
    std::string lock;  // as in pool/builtin.h
    double ns = 0;     // lock and unlock, uncontended, the loop around them included
    friend bool operator==(const LockCost&, const LockCost&) = default;
  };
  // null/null: what the harness itself costs.
  struct Floor {
    std::string path;       // direct | pooled
    double service_ns = 0;  // mean
    double achieved_ops_s = 0;
    friend bool operator==(const Floor&, const Floor&) = default;
  };
  // The same strategy against itself.
  struct Noise {
    std::string scenario;
    std::string strategy;
    std::uint64_t pairs = 0;
    std::uint64_t trial_ns = 0;  // measured phase of each trial
    // 95 % interval of how much faster one is than its equal. Two strategies whose difference lies inside cannot be told
    // apart by as many blocks of such trials. Empty: fewer than 6 pairs could be used.
    std::optional<double> low_pct, high_pct;
    double pair_sd_pct = 0;  // robust standard deviation of one pair's difference
    friend bool operator==(const Noise&, const Noise&) = default;
  };

  Fingerprint machine;
  std::string time;  // UTC: 2024-05-01T12:00:00Z
  bool quick = false;
  // What others took of the processors meanwhile, 0 to 1: limits measured beside them are too wide. Empty: not known.
  std::optional<double> foreign_cpu_share, steal_share;
  std::string clock;  // tsc | steady
  double clock_cost_ns = 0;
  double clock_resolution_ns = 0;
  std::uint64_t timer_overshoot_p50_ns = 0;  // of a sleep of 100 us
  std::uint64_t timer_overshoot_p99_ns = 0;
  std::uint64_t gap_span_ns = 0;  // how long a spinning thread was watched
  double gap_share = 0;           // of it lost in gaps above 10 us, 0 to 1
  std::uint64_t gap_p99_ns = 0;   // of those gaps
  std::uint64_t gap_max_ns = 0;
  std::vector<Pacing> pacing;  // ascending rates
  std::vector<LockCost> locks;
  std::vector<Floor> floors;
  std::vector<Noise> noise;
  friend bool operator==(const Calibration&, const Calibration&) = default;
};

// Lateness p99 that the pacer alone has at a rate per driver: of the measured rate that is nearest, as a ratio. Empty if
// none was measured.
[[nodiscard]] std::optional<std::uint64_t> pacing_lateness_p99_ns(const Calibration& calibration,
                                                                  double rate_ops_s);

// For environment.csv: "calibration_time", "calibration_clock_cost_ns", "calibration_pacing_100000_lateness_p99_ns",
// "calibration_lock_ticket_ns", ... All but the fingerprint, which the machine's own facts tell.
[[nodiscard]] reports::Facts calibration_facts(const Calibration& calibration);

// The file: $CROSSTALK_CALIBRATION, else $XDG_CACHE_HOME/crosstalk/calibration.csv, else
// ~/.cache/crosstalk/calibration.csv. Empty if the environment names no folder.
[[nodiscard]] std::filesystem::path calibration_path(const Environment& environment);
[[nodiscard]] std::filesystem::path calibration_path();  // of this process's environment

// A CSV of key,value whose last row says that it is complete.
[[nodiscard]] std::string calibration_text(const Calibration& calibration);
// Empty if the text is damaged or of another version.
[[nodiscard]] std::optional<Calibration> parse_calibration(const std::string& text);

// Both make the folder and throw reports::OutputError. The first only tries: before there is anything to lose.
void require_storable(const std::filesystem::path& file);
void store_calibration(const std::filesystem::path& file, const Calibration& calibration);
// Empty if there is no file, it is damaged, or it holds for another machine or build.
[[nodiscard]] std::optional<Calibration> load_calibration(const std::filesystem::path& file,
                                                          const Fingerprint& machine);
// That of calibration_path() for this_fingerprint().
[[nodiscard]] std::optional<Calibration> load_calibration();

}  // namespace crosstalk::harness
