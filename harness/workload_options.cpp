#include "harness/workload_options.h"

#include <filesystem>
#include <random>
#include <system_error>

#include "harness/choices.h"
#include "harness/limits.h"
#include "harness/run_flags.h"
#include "workloads/rate_profile.h"
#include "workloads/think_time.h"

namespace crosstalk::harness {

namespace {

// What workloads refuse in a piece of text, as what is wrong with a flag's value.
template <class Parse>
auto input_of(Parse&& parse) {
  try {
    return parse();
  } catch (const workloads::InputError& error) {
    throw ValueError(error.what());
  }
}

// What stands in a plan must fit into one line of it.
std::string one_line(std::string_view text) {
  if (text.find_first_of("\r\n") != std::string_view::npos)
    throw ValueError("must not hold a line break, got " + shown(text));
  return std::string(text);
}

// Of what is not there, or is a folder, its reader says it.
void require_files(const Settings& settings) {
  for (const char* flag : {"scenario", "trace", "envelope"}) {
    const Given* given = settings.find(flag);
    if (given == nullptr) continue;
    std::error_code unknown;
    const std::filesystem::file_status found = std::filesystem::status(given->text, unknown);
    if (!std::filesystem::exists(found) || std::filesystem::is_regular_file(found) ||
        std::filesystem::is_directory(found))
      continue;
    throw UsageError(given->origin + ": must be a regular file, which can be read more than once, got " +
                     shown(given->text));
  }
}

void read_scenario(Settings& settings, WorkloadOptions& options) {
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
  options.settings = settings.get<std::string>("set", "", [&](std::string_view text) {
    return input_of([&] {
      workloads::set_keys(options.scenario, text);
      workloads::validate(options.scenario);
      return one_line(text);
    });
  });
}

void read_trace(Settings& settings, WorkloadOptions& options) {
  settings.rule_out("clients", "trace");
  settings.rule_out("set", "trace");
  for (const char* flag : {"rate", "stages", "envelope"}) settings.rule_out(flag, "trace");
  options.trace = settings.get<std::string>("trace", "", one_line);
  options.lurkers =
      settings.get<double>("lurkers", 0, [](std::string_view t) { return parse_real(t, kLurkersBounds); });
}

bool has_rate(const Settings& settings) {
  return settings.has("rate") || settings.has("stages") || settings.has("envelope");
}

LoadModel load_of(const Settings& settings) {
  const bool replay = settings.has("trace");
  const LoadModel otherwise = replay               ? LoadModel::trace
                              : has_rate(settings) ? LoadModel::poisson
                                                   : LoadModel::closed;
  return settings.get<LoadModel>("load", otherwise,
                                 [](std::string_view t) { return parse_choice<LoadModel>(t, kLoadWords); });
}

// A profile says the rate; beside an envelope --rate says its mean.
void read_profile(Settings& settings, WorkloadOptions& options) {
  settings.exclusive("stages", "envelope");
  settings.exclusive("stages", "rate");
  options.stages = settings.get<std::string>("stages", "", one_line);
  options.envelope = settings.get<std::string>("envelope", "", one_line);
  if (options.stages.empty() && options.envelope.empty()) return;
  const auto profile = options.stages.empty()
                           ? workloads::read_envelope(options.envelope)
                           : settings.get<workloads::RateProfile>("stages", {}, [](std::string_view text) {
                               return input_of([&] { return workloads::parse_stages(text); });
                             });
  options.profile_ns = profile.length_ns();
  if (!settings.has("rate")) options.rates = {profile.operations() / profile.length_ns() * 1e9};
}

void read_load(Settings& settings, WorkloadOptions& options) {
  options.load = load_of(settings);
  if (!options.trace.empty()) {
    if (options.load != LoadModel::closed && options.load != LoadModel::trace) {
      throw UsageError(settings.find("load")->origin + ": must be closed or trace with --trace, got " +
                       std::string(to_string(options.load)));
    }
    if (options.load == LoadModel::closed) settings.rule_out("time-scale", "load");
  } else {
    if (options.load == LoadModel::trace)
      throw UsageError(in_full(*settings.find("load")) + ": needs --trace FILE");
    if (options.load == LoadModel::closed && settings.has("load")) {
      for (const char* flag : {"rate", "stages", "envelope"}) settings.exclusive(flag, "load");
      options.load = load_of(settings);  // a later layer's rate outweighs an earlier one's `closed`
    }
    if (options.load != LoadModel::closed && !has_rate(settings)) {
      throw UsageError(in_full(*settings.find("load")) + ": needs --rate, --stages or --envelope");
    }
  }
  options.rates = settings.get<std::vector<double>>(
      "rate", {0}, [](std::string_view t) { return parse_rates_ops_s(t, kRateBounds); });
  read_profile(settings, options);
  options.think = settings.get<std::string>("think", "", [](std::string_view text) {
    const auto think = input_of([&] { return workloads::parse_think_time(text); });
    return think.law == workloads::ThinkLaw::none ? std::string() : std::string(text);
  });
  if (!options.think.empty() && options.load != LoadModel::closed)
    throw UsageError(settings.find("think")->origin + ": needs --load closed");
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

WorkloadOptions read_workload(Settings& settings, Reading reading) {
  WorkloadOptions options;
  if (reading == Reading::again) require_files(settings);
  settings.exclusive("trace", "scenario");
  if (settings.has("trace")) {
    read_trace(settings, options);
  } else {
    read_scenario(settings, options);
  }
  read_load(settings, options);
  if (options.trace.empty() && options.envelope.empty())
    settings.needs("time-scale", "--trace FILE or --envelope FILE");
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
