#include "harness/calibrate_command.h"

#include <array>
#include <cstdio>

#include "harness/campaign.h"
#include "harness/display.h"
#include "harness/settings.h"
#include "harness/values.h"

namespace crosstalk::harness {

namespace {

constexpr std::array kCalibrateFlags{
    Flag{.name = "quick", .value = "", .help = "some 10 s instead of one to two minutes, and rougher"},
    Flag{
        .name = "scenario",
        .value = "LIST",
        .help =
            "scenarios in which a strategy is measured against itself (default community,hot_counter; quick: "
            "community)",
        .list = true},
    Flag{.name = "out",
         .value = "FILE",
         .help =
             "where the results are kept (default $CROSSTALK_CALIBRATION, else crosstalk/calibration.csv in "
             "$XDG_CACHE_HOME or ~/.cache)"},
    Flag{.name = "format", .value = "table|markdown|csv|json", .help = "of what is printed (default table)"},
};

std::string two_decimals(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.2f", value);
  return text.data();
}
std::string percent(double value) {
  return two_decimals(value) + " %";
}

TextTable machine_table(const std::vector<MachineFact>& machine) {
  TextTable table;
  table.columns = {{"machine"}, {"value"}, {"advice"}};
  for (const MachineFact& fact : machine) table.rows.push_back({fact.key, fact.value, fact.advice});
  return table;
}

TextTable timing_table(const Calibration& calibration) {
  TextTable table;
  table.columns = {{"clock and timers"}, {"value", true}, {"p50", true}, {"p99", true}, {"max", true}};
  const auto ns = [](std::uint64_t value) { return display_ns(static_cast<double>(value)); };
  table.rows = {
      {"reading the clock (" + calibration.clock + ")", display_ns(calibration.clock_cost_ns), "", "", ""},
      {"smallest step of the clock", display_ns(calibration.clock_resolution_ns), "", "", ""},
      {"a sleep of 100 us ends late by", "", ns(calibration.timer_overshoot_p50_ns),
       ns(calibration.timer_overshoot_p99_ns), ""},
      {"time lost in gaps above 10 us", percent(100 * calibration.gap_share), "", "", ""},
      {"length of those gaps", "", "", ns(calibration.gap_p99_ns), ns(calibration.gap_max_ns)},
  };
  for (const Calibration::Pacing& pacing : calibration.pacing) {
    table.rows.push_back({"pacer late at " + display_rate(static_cast<double>(pacing.rate_ops_s)), "",
                          ns(pacing.lateness_p50_ns), ns(pacing.lateness_p99_ns), ""});
  }
  return table;
}

TextTable lock_table(const Calibration& calibration) {
  TextTable table;
  table.columns = {{"lock"}, {"lock + unlock, uncontended", true}};
  for (const Calibration::LockCost& cost : calibration.locks) {
    table.rows.push_back({cost.lock, display_ns(cost.ns)});
  }
  return table;
}

TextTable floor_table(const Calibration& calibration) {
  TextTable table;
  table.columns = {{"floor (null/null)"}, {"service, mean", true}, {"throughput", true}};
  for (const Calibration::Floor& floor : calibration.floors) {
    table.rows.push_back({floor.path, display_ns(floor.service_ns), display_rate(floor.achieved_ops_s)});
  }
  return table;
}

TextTable noise_table(const Calibration& calibration) {
  TextTable table;
  table.columns = {{"equals"}, {"scenario"}, {"trials", true}, {"a pair", true}, {"95 % interval", true}};
  for (const Calibration::Noise& noise : calibration.noise) {
    const bool known = noise.low_pct && noise.high_pct;
    table.rows.push_back({noise.strategy, noise.scenario,
                          "2 x " + std::to_string(noise.pairs) + " x " + format_duration(noise.trial_ns),
                          "+-" + percent(noise.pair_sd_pct),
                          known ? two_decimals(*noise.low_pct) + " to " + percent(*noise.high_pct) : ""});
  }
  return table;
}

TextTable plain_table(const Calibration& calibration, const std::vector<MachineFact>& machine) {
  TextTable table;
  table.columns = {{"key"}, {"value", true}, {"advice"}};
  for (const MachineFact& fact : machine) table.rows.push_back({fact.key, fact.value, fact.advice});
  for (const auto& [key, value] : calibration_facts(calibration)) table.rows.push_back({key, value, ""});
  return table;
}

}  // namespace

std::string contamination_of(const Calibration& calibration) {
  constexpr double kMuch = 0.05;
  const double foreign = calibration.foreign_cpu_share.value_or(0);
  const double steal = calibration.steal_share.value_or(0);
  if (foreign < kMuch && steal < kMuch) return "";
  return "meanwhile other processes took " + percent(100 * foreign) +
         " of the processors and the hypervisor " + percent(100 * steal) +
         ": these limits are too wide; calibrate again when the machine is idle";
}

void print_calibration(std::ostream& out, const Calibration& calibration,
                       const std::vector<MachineFact>& machine, Format format) {
  if (format == Format::csv || format == Format::json) {
    print_table(out, plain_table(calibration, machine), format);
    return;
  }
  for (const TextTable& table : {machine_table(machine), timing_table(calibration), lock_table(calibration),
                                 floor_table(calibration), noise_table(calibration)}) {
    if (table.rows.empty()) continue;
    print_table(out, table, format);
    out << '\n';
  }
  out << wrapped(
             "A pair: how far two equal strategies lie apart in one block (robust standard deviation). Interval: what "
             "all blocks together leave open. Differences that lie inside cannot be told from chance by as many "
             "blocks of such trials.",
             0)
      << '\n';
}

CalibrateOptions parse_calibrate(const std::vector<std::string>& arguments, const Environment& environment) {
  Settings settings;
  read_arguments(settings, kCalibrateFlags, arguments);
  read_environment(settings, std::span(kCalibrateFlags).last(1), {}, environment);
  CalibrateOptions options;
  options.effort = settings.on("quick") ? CalibrationEffort::quick_one() : CalibrationEffort::full_one();
  options.effort.scenarios =
      settings.get<std::vector<std::string>>("scenario", options.effort.scenarios, parse_names);
  options.format = settings.get<Format>(
      "format", Format::table, [](std::string_view t) { return parse_choice<Format>(t, kFormatWords); });
  options.out =
      settings.has("out") ? std::filesystem::path(settings.text("out", "")) : calibration_path(environment);
  if (options.out.empty())
    throw UsageError(
        "--out: must be given, since the environment names no place: CROSSTALK_CALIBRATION, XDG_CACHE_HOME and "
        "HOME are empty");
  options.progress = Progress::on_terminal(environment, false);
  return options;
}

int run_calibration(const Catalog& catalog, const CalibrateOptions& options, Streams streams) {
  require_storable(options.out);
  const std::vector<MachineFact> machine = describe_machine();  // before the load is our own
  const Interrupt interrupt;
  Progress progress(streams.err, options.progress);
  const std::optional<Calibration> calibration = calibrate(
      catalog, options.effort, interrupt, [&](const ProgressState& state) { progress.show(state); });
  progress.clear();
  if (!calibration) return 128 + interrupt.signal();
  print_calibration(streams.out, *calibration, machine, options.format);
  streams.out.flush();
  store_calibration(options.out, *calibration);
  if (const std::string warning = contamination_of(*calibration); !warning.empty())
    streams.err << wrapped("warning: " + warning, 2) << '\n';
  streams.err << "calibration: " << options.out.string() << std::endl;
  return 0;
}

int calibrate_command(const Catalog& catalog, const std::vector<std::string>& arguments,
                      const Environment& environment, Streams streams) {
  const CalibrateOptions options = parse_calibrate(arguments, environment);
  require_fit_build();
  return run_calibration(catalog, options, streams);
}

std::string calibrate_help() {
  return "usage: crosstalk calibrate [flags]\n\n" +
         wrapped(
             "Measures the limits of this machine: clock, timers, scheduler gaps, pacing, uncontended locks, the "
             "harness's own cost, and how much two equal strategies differ. Later runs on the same machine and "
             "build judge their rows by it.",
             0) +
         "\n\n" + describe_flags(kCalibrateFlags);
}

}  // namespace crosstalk::harness
