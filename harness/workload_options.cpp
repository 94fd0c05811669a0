#include "harness/workload_options.h"

#include <random>

#include "harness/choices.h"
#include "harness/limits.h"
#include "harness/run_flags.h"

namespace crosstalk::harness {

namespace {

void read_scenario(Settings& settings, WorkloadOptions& options) {
  settings.needs("time-scale", "--trace FILE");
  settings.needs("lurkers", "--trace FILE");
  options.scenario_name = settings.text("scenario", "community");
  std::filesystem::path path;
  try {
    path = workloads::find_scenario(options.scenario_name);
  } catch (const workloads::InputError& error) {
    const Given* given = settings.find("scenario");
    throw UsageError((given == nullptr ? "--scenario" : given->origin) + ": " + error.what());
  }
  const auto file = workloads::load_scenario(path, scenario_keys_of(run_flags()));
  options.scenario = file.scenario;
  take_scenario_settings(settings, file);
}

// A path that stands in a plan must fit into one line of it.
std::string one_line(std::string_view text) {
  if (text.find_first_of("\r\n") != std::string_view::npos)
    throw ValueError("must not hold a line break, got " + shown(text));
  return std::string(text);
}

void read_trace(Settings& settings, WorkloadOptions& options) {
  settings.rule_out("clients", "trace");
  settings.rule_out("rate", "trace");
  options.trace = settings.get<std::string>("trace", "", one_line);
  options.lurkers =
      settings.get<double>("lurkers", 0, [](std::string_view t) { return parse_real(t, kLurkersBounds); });
}

LoadModel load_of(const Settings& settings) {
  const bool replay = settings.has("trace");
  const LoadModel otherwise = replay                 ? LoadModel::trace
                              : settings.has("rate") ? LoadModel::poisson
                                                     : LoadModel::closed;
  return settings.get<LoadModel>("load", otherwise,
                                 [](std::string_view t) { return parse_choice<LoadModel>(t, kLoadWords); });
}

void read_load(Settings& settings, WorkloadOptions& options) {
  options.load = load_of(settings);
  if (!options.trace.empty()) {
    if (options.load == LoadModel::constant || options.load == LoadModel::poisson) {
      throw UsageError(settings.find("load")->origin + ": must be closed or trace with --trace, got " +
                       std::string(to_string(options.load)));
    }
    if (options.load == LoadModel::closed) settings.rule_out("time-scale", "load");
  } else {
    if (options.load == LoadModel::trace)
      throw UsageError(in_full(*settings.find("load")) + ": needs --trace FILE");
    if (options.load == LoadModel::closed && settings.has("load")) {
      settings.exclusive("rate", "load");
      options.load = load_of(settings);  // a later layer's rate outweighs an earlier one's `closed`
    }
    if (options.load != LoadModel::closed && !settings.has("rate")) {
      throw UsageError(in_full(*settings.find("load")) + ": needs --rate");
    }
  }
  options.rates = settings.get<std::vector<double>>(
      "rate", {0}, [](std::string_view t) { return parse_rates_ops_s(t, kRateBounds); });
}

std::vector<std::uint32_t> clients_of(const Settings& settings) {
  return settings.get<std::vector<std::uint32_t>>("clients", {1000}, [](std::string_view text) {
    const auto wide = parse_wholes(text, kClientsBounds);
    std::vector<std::uint32_t> clients;
    for (const std::uint64_t n : wide) clients.push_back(static_cast<std::uint32_t>(n));
    return clients;
  });
}

}  // namespace

WorkloadOptions read_workload(Settings& settings) {
  WorkloadOptions options;
  settings.exclusive("trace", "scenario");
  if (settings.has("trace")) {
    read_trace(settings, options);
  } else {
    read_scenario(settings, options);
  }
  read_load(settings, options);
  options.time_scale = settings.get<double>(
      "time-scale", 0, [](std::string_view t) { return parse_real(t, kTimeScaleBounds); });
  options.clients = options.trace.empty() ? clients_of(settings) : std::vector<std::uint32_t>{0};
  options.seed_was_chosen = !settings.has("seed");
  // Short enough to be typed again.
  const std::uint64_t chosen = options.seed_was_chosen ? std::random_device()() : 0;
  options.seed = settings.get<std::uint64_t>("seed", chosen,
                                             [](std::string_view t) { return parse_whole(t, kSeedBounds); });
  return options;
}

}  // namespace crosstalk::harness
