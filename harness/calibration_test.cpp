#include "harness/calibration.h"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include "reports/output_error.h"

namespace crosstalk::harness {
namespace {

namespace fs = std::filesystem;

Calibration some_calibration() {
  Calibration calibration;
  calibration.machine = {.cpu_model = "Some \"fast\" CPU, 3 GHz",
                         .cpus_usable = "4",
                         .kernel = "Linux 6.1",
                         .commit = "abc",
                         .compiler = "gcc 12",
                         .build_type = "Release"};
  calibration.time = "2024-05-01T12:00:00Z";
  calibration.quick = true;
  calibration.foreign_cpu_share = 0.02;
  calibration.clock = "tsc";
  calibration.clock_cost_ns = 8.25;
  calibration.clock_resolution_ns = 0.476;
  calibration.timer_overshoot_p50_ns = 56'000;
  calibration.timer_overshoot_p99_ns = 98'000;
  calibration.gap_span_ns = 1'000'000'123;
  calibration.gap_share = 0.0123;
  calibration.gap_p99_ns = 4'000'000;
  calibration.gap_max_ns = 12'000'000;
  calibration.pacing = {{100'000, 20, 90}, {1'000'000, 25, 4'000}};
  calibration.locks = {{"null", 0.31}, {"std_mutex", 14.5}};
  calibration.floors = {{"direct", 41.5, 2.4e7}, {"pooled", 2'300, 4.3e5}};
  calibration.noise = {{"community", "sharded/std_mutex", 20, 1'000'000'000, -1.25, 0.75, 3.5},
                       {"odd, name", "coarse/ticket", 3, 200'000'000, std::nullopt, std::nullopt, 9}};
  return calibration;
}

class CacheFolder {
 public:
  CacheFolder() {
    std::string name = (fs::temp_directory_path() / "crosstalk-calibration-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path = name;
  }
  ~CacheFolder() { fs::remove_all(path); }
  CacheFolder(const CacheFolder&) = delete;
  CacheFolder& operator=(const CacheFolder&) = delete;

  fs::path path;
};

TEST_CASE("a calibration survives being stored", "[harness][calibration]") {
  const Calibration calibration = some_calibration();
  CHECK(parse_calibration(calibration_text(calibration)) == calibration);
  CHECK(parse_calibration(calibration_text({})) == Calibration{});
  const CacheFolder folder;
  const fs::path file = folder.path / "new" / "folder" / "calibration.csv";
  store_calibration(file, calibration);
  CHECK(load_calibration(file, calibration.machine) == calibration);
  Calibration later = calibration;
  later.time = "2025-01-01T00:00:00Z";
  store_calibration(file, later);
  CHECK(load_calibration(file, calibration.machine) == later);
}

TEST_CASE("a calibration of another machine or build is none", "[harness][calibration]") {
  const CacheFolder folder;
  const fs::path file = folder.path / "calibration.csv";
  const Calibration calibration = some_calibration();
  store_calibration(file, calibration);
  REQUIRE(load_calibration(file, calibration.machine));
  for (std::string Fingerprint::*part :
       {&Fingerprint::cpu_model, &Fingerprint::cpus_usable, &Fingerprint::kernel, &Fingerprint::commit,
        &Fingerprint::compiler, &Fingerprint::build_type}) {
    Fingerprint other = calibration.machine;
    other.*part += "x";
    CHECK_FALSE(load_calibration(file, other));
  }
  CHECK_FALSE(load_calibration(folder.path / "missing.csv", calibration.machine));
  CHECK_FALSE(load_calibration(folder.path, calibration.machine));
}

TEST_CASE("a damaged calibration is none", "[harness][calibration]") {
  const std::string whole = calibration_text(some_calibration());
  REQUIRE(parse_calibration(whole));
  // Cut anywhere: also at the end of a line.
  for (std::size_t length = 0; length < whole.size(); ++length) {
    if (parse_calibration(whole.substr(0, length))) FAIL("accepted at length " << length);
  }
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = whole;
    REQUIRE(text.find(from) != std::string::npos);
    return text.replace(text.find(from), from.size(), to);
  };
  CHECK(parse_calibration(with("gap_p99_ns,4000000", "gap_p99_ns,4000001")));
  CHECK_FALSE(parse_calibration(with("gap_p99_ns,4000000", "gap_p99_ns,4e6")));
  CHECK_FALSE(parse_calibration(with("gap_p99_ns,4000000", "gap_p99_ns,")));
  CHECK_FALSE(parse_calibration(with("gap_p99_ns,4000000", "gap_p99_ns,-4")));
  CHECK_FALSE(parse_calibration(with("gap_share,0.0123", "gap_share,nan")));
  CHECK_FALSE(parse_calibration(with("quick,1", "quick,yes")));
  CHECK_FALSE(parse_calibration(with("lock_count,2", "lock_count,3")));
  CHECK_FALSE(parse_calibration(with("lock_count,2", "lock_count,99999999999")));
  CHECK_FALSE(parse_calibration(with("gap_share", "gap_max_ns")));  // the key twice
  CHECK_FALSE(parse_calibration(with("calibration_version,1", "calibration_version,2")));
  CHECK_FALSE(parse_calibration(with("\"Some", "Some")));
  CHECK_FALSE(parse_calibration(with("time,2024", "time,a,b")));
}

TEST_CASE("a calibration that cannot be stored is an error", "[harness][calibration]") {
  const CacheFolder folder;
  std::ofstream(folder.path / "file") << "x";
  CHECK_THROWS_AS(store_calibration(folder.path / "file" / "calibration.csv", some_calibration()),
                  reports::OutputError);
  CHECK_THROWS_AS(store_calibration("/proc/crosstalk/calibration.csv", some_calibration()),
                  reports::OutputError);
  CHECK_THROWS_AS(require_storable(folder.path / "file" / "calibration.csv"), reports::OutputError);
  CHECK_NOTHROW(require_storable(folder.path / "fresh" / "calibration.csv"));
  CHECK(fs::is_empty(folder.path / "fresh"));
  CHECK_THROWS_AS(store_calibration("/dev/full", some_calibration()), reports::OutputError);
}

TEST_CASE("the place of the calibration is the user's cache, unless told", "[harness][calibration]") {
  const Environment home{{"HOME", "/people/ann"}};
  CHECK(calibration_path(home) == "/people/ann/.cache/crosstalk/calibration.csv");
  Environment xdg = home;
  xdg["XDG_CACHE_HOME"] = "/cache";
  CHECK(calibration_path(xdg) == "/cache/crosstalk/calibration.csv");
  xdg["XDG_CACHE_HOME"] = "relative";
  CHECK(calibration_path(xdg) == "/people/ann/.cache/crosstalk/calibration.csv");
  xdg["CROSSTALK_CALIBRATION"] = "mine.csv";
  CHECK(calibration_path(xdg) == "mine.csv");
  CHECK(calibration_path({{"HOME", ""}}).empty());
}

TEST_CASE("the pacing that counts is that of the nearest rate", "[harness][calibration]") {
  const Calibration calibration = some_calibration();
  CHECK(pacing_lateness_p99_ns(calibration, 1e6) == 4'000);
  CHECK(pacing_lateness_p99_ns(calibration, 1e9) == 4'000);
  CHECK(pacing_lateness_p99_ns(calibration, 5e5) == 4'000);
  CHECK(pacing_lateness_p99_ns(calibration, 2e5) == 90);
  CHECK(pacing_lateness_p99_ns(calibration, 0) == 90);
  CHECK_FALSE(pacing_lateness_p99_ns({}, 1e5));
}

TEST_CASE("facts of a calibration are named", "[harness][calibration]") {
  const reports::Facts facts = calibration_facts(some_calibration());
  const auto fact = [&](const std::string& key) -> std::string {
    for (const auto& [name, value] : facts) {
      if (name == key) return value;
    }
    return "no such fact";
  };
  for (const auto& [key, value] : facts) CHECK_THAT(key, Catch::StartsWith("calibration_"));
  CHECK(fact("calibration_time") == "2024-05-01T12:00:00Z");
  CHECK(fact("calibration_clock_cost_ns") == "8.25");
  CHECK(fact("calibration_pacing_1000000_lateness_p99_ns") == "4000");
  CHECK(fact("calibration_lock_std_mutex_ns") == "14.5");
  CHECK(fact("calibration_floor_pooled_service_ns") == "2300");
  CHECK(fact("calibration_noise_community_high_pct") == "0.75");
  CHECK(fact("calibration_noise_odd, name_high_pct") == "");
}

TEST_CASE("the fingerprint is made of the machine's facts", "[harness][calibration]") {
  const Fingerprint machine =
      fingerprint_of({{"cpu_model", "X"}, {"kernel", "Linux 6.1"}, {"commit", "abc"}});
  CHECK(machine.cpu_model == "X");
  CHECK(machine.kernel == "Linux 6.1");
  CHECK(machine.commit == "abc");
  CHECK(machine.cpus_usable == "unknown");
  CHECK(this_fingerprint() == this_fingerprint());
}

}  // namespace
}  // namespace crosstalk::harness
