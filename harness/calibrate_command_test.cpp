#include "harness/calibrate_command.h"

#include <catch2/catch.hpp>

#include <csignal>
#include <filesystem>
#include <ostream>
#include <sstream>
#include <string>

#include "harness/campaign.h"
#include "harness/command_line_test_support.h"
#include "reports/environment.h"
#include "reports/output_error.h"

namespace crosstalk::harness {
namespace {

Calibration printable_calibration() {
  Calibration calibration;
  calibration.time = "2024-05-01T12:00:00Z";
  calibration.clock = "tsc";
  calibration.clock_cost_ns = 8.25;
  calibration.clock_resolution_ns = 0.476;
  calibration.timer_overshoot_p50_ns = 56'000;
  calibration.timer_overshoot_p99_ns = 198'000;
  calibration.gap_share = 0.0123;
  calibration.gap_p99_ns = 4'000'000;
  calibration.gap_max_ns = 12'000'000;
  calibration.pacing = {{100'000, 20, 90}, {1'000'000, 25, 4'000}};
  calibration.locks = {{"null", 0.31}, {"std_shared_mutex", 14.5}};
  calibration.floors = {{"direct", 41.5, 2.4e7}, {"pooled", 2'300, 4.3e5}};
  calibration.noise = {{"reconnect_storm", "sharded/std_mutex", 16, 1'000'000'000, -11.25, 10.75, 23.5},
                       {"community", "sharded/std_mutex", 3, 200'000'000, std::nullopt, std::nullopt, 9}};
  return calibration;
}

const std::vector<MachineFact> kMachine{
    {"kernel", "Linux 6.1.0-18-cloud-amd64", ""},
    {"governor", "powersave", "clock rates follow the load: cpupower frequency-set -g performance"},
    {"load_average", "6.16 4.07 2.34 5/123 4242", "others are at work here: stop them and wait"}};

std::string printed(Format format) {
  std::ostringstream out;
  print_calibration(out, printable_calibration(), kMachine, format);
  return out.str();
}

TEST_CASE("a calibration is printed in 80 columns", "[harness][calibrate]") {
  const std::string text = printed(Format::table);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    CHECK(line.size() <= 80);
  }
  using Catch::Contains;
  CHECK_THAT(text, Contains("cpupower") && Contains("8.25 ns") && Contains("198 us") && Contains("1.23 %"));
  CHECK_THAT(text, Contains("12.0 ms") && Contains("1.00M/s") && Contains("14.5 ns") && Contains("430k/s"));
  CHECK_THAT(text, Contains("-11.25 to 10.75 %") && Contains("2 x 16 x 1s") && Contains("2 x 3 x 200ms"));
}

TEST_CASE("a calibration is printed for programs as keys and values", "[harness][calibrate]") {
  const std::string csv = printed(Format::csv);
  CHECK_THAT(csv, Catch::StartsWith("key,value,advice\nkernel,Linux 6.1.0-18-cloud-amd64,\n"));
  CHECK_THAT(csv, Catch::Contains("\ncalibration_lock_std_shared_mutex_ns,14.5,\n"));
  CHECK_THAT(csv, Catch::Contains("\ncalibration_noise_community_low_pct,,\n"));
  CHECK_THAT(printed(Format::json),
             Catch::Contains("\"calibration_clock_cost_ns\"") && Catch::Contains("8.25"));
  CHECK_THAT(printed(Format::markdown), Catch::Contains("| governor"));
}

TEST_CASE("a calibration beside others' work says so", "[harness][calibrate]") {
  Calibration calibration = printable_calibration();
  CHECK(contamination_of(calibration) == "");
  calibration.foreign_cpu_share = 0.049;
  calibration.steal_share = 0.001;
  CHECK(contamination_of(calibration) == "");
  calibration.foreign_cpu_share = 0.312;
  CHECK_THAT(contamination_of(calibration), Catch::Contains("31.20 %") && Catch::Contains("0.10 %"));
  calibration.foreign_cpu_share.reset();
  calibration.steal_share = 0.05;
  CHECK_THAT(contamination_of(calibration), Catch::Contains("hypervisor 5.00 %"));
}

TEST_CASE("flags of calibrate", "[harness][calibrate]") {
  const Environment home{{"HOME", "/people/ann"}};
  const CalibrateOptions plain = parse_calibrate({}, home);
  CHECK_FALSE(plain.effort.quick);
  CHECK(plain.effort.scenarios.size() == 2);
  CHECK(plain.out == "/people/ann/.cache/crosstalk/calibration.csv");
  CHECK(plain.format == Format::table);
  const CalibrateOptions quick =
      parse_calibrate({"--quick", "--scenario", "team, stream", "--out", "x.csv", "--format", "json"}, home);
  CHECK(quick.effort.quick);
  CHECK(quick.effort.pairs < plain.effort.pairs);
  CHECK(quick.effort.scenarios == std::vector<std::string>{"team", "stream"});
  CHECK(quick.out == "x.csv");
  CHECK(quick.format == Format::json);
  CHECK_THROWS_WITH(parse_calibrate({}, {}), Catch::StartsWith("--out: must be given"));
  CHECK_THROWS_AS(parse_calibrate({"--fast"}, home), UsageError);
  CHECK_THROWS_AS(parse_calibrate({"--format", "xml"}, home), UsageError);
}

// Enough to see that it is measured, printed and stored.
CalibrateOptions smallest(const std::filesystem::path& out) {
  CalibrateOptions options;
  options.effort = {.quick = true,
                    .clock_slices = 3,
                    .clock_readings = 100,
                    .sleeps = 1,
                    .gap_span_ns = 100'000,
                    .pacing_ns = 100'000,
                    .lock_slices = 1,
                    .lock_slice_ns = 1'000,
                    .scenarios = {}};
  options.out = out;
  return options;
}

TEST_CASE("a calibration is printed, stored and found again", "[harness][calibrate]") {
  const TestFolder folder;
  const std::filesystem::path file = folder.path / "cache" / "calibration.csv";
  std::ostringstream out;
  std::ostringstream err;
  CHECK(run_calibration(fake_catalog(), smallest(file), {out, err}) == 0);
  CHECK_THAT(out.str(), Catch::Contains("reading the clock") && Catch::Contains("std_mutex"));
  CHECK_THAT(err.str(), Catch::EndsWith("calibration: " + file.string() + "\n"));
  const auto stored = load_calibration(file, this_fingerprint());
  REQUIRE(stored);
  CHECK(stored->quick);
  CHECK(stored->clock_cost_ns > 0);
}

TEST_CASE("what cannot be stored is not measured", "[harness][calibrate]") {
  const TestFolder folder;
  folder.put("file", "x");
  std::ostringstream out;
  std::ostringstream err;
  CHECK_THROWS_AS(run_calibration(fake_catalog(), smallest(folder.path / "file" / "c.csv"), {out, err}),
                  reports::OutputError);
  CHECK(out.str().empty());
}

TEST_CASE("a signal ends the command and stores nothing", "[harness][calibrate]") {
  const TestFolder folder;
  CalibrateOptions options = smallest(folder.path / "c.csv");
  options.progress.visible = true;
  // The first thing that is shown asks for the end.
  struct Raising : std::stringbuf {
    int sync() override {
      raised = raised || std::raise(SIGTERM) == 0;
      return 0;
    }
    std::streamsize xsputn(const char* text, std::streamsize length) override {
      sync();
      return std::stringbuf::xsputn(text, length);
    }
    bool raised = false;
  } buffer;
  std::ostream err(&buffer);
  std::ostringstream out;
  CHECK(run_calibration(fake_catalog(), options, {out, err}) == 128 + SIGTERM);
  CHECK(out.str().empty());
  CHECK_FALSE(std::filesystem::exists(options.out));
}

TEST_CASE("only a build that can be measured calibrates", "[harness][calibrate]") {
  std::ostringstream out;
  std::ostringstream err;
  if (!reports::build_facts().fit)
    CHECK_THROWS_AS(calibrate_command(fake_catalog(), {"--out", "/dev/null"}, {}, {out, err}), UnfitBuild);
  CHECK_THROWS_AS(calibrate_command(fake_catalog(), {"--no-such-flag"}, {}, {out, err}), UsageError);
}

}  // namespace
}  // namespace crosstalk::harness
