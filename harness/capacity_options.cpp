#include "harness/capacity_options.h"

#include <array>
#include <string_view>

#include "harness/limits.h"
#include "harness/run_flags.h"

namespace crosstalk::harness {

namespace {

constexpr std::array kMore{
    Flag{
        .name = "slo",
        .value = "CONDITION",
        .help =
            "what a rate has to meet: [OP.]METRIC<VALUE, with < <= > or >=, such as post.response.p99<2ms; may "
            "be given again (see crosstalk list --metrics)",
        .list = true,
        .heading = "What is searched for"},
    Flag{.name = "from", .value = "RATE", .help = "first and lowest rate tried (default 1k)"},
    Flag{.name = "limit", .value = "RATE", .help = "no rate above it is tried (default 100M)"},
    Flag{.name = "precision",
         .value = "SHARE",
         .help = "how far apart the rate found and one that fails may be, 1 % to 100 % (default 5%)"},
};

RunCommand capacity() {
  RunCommand command;
  command.name = "capacity";
  command.defaults = {{"load", "poisson", {}},
                      {"rate", "1k", {}},
                      {"repetitions", "3", {}},
                      {"duration", "1s", {"ops"}},
                      {"warmup", "200ms", {}}};
  command.own = {"load",  "rate",    "trace",  "time-scale", "lurkers", "stages", "envelope",
                 "think", "outside", "repeat", "no-latency", "plan",    "row",    "dry-run"};
  command.taken = {"threshold"};
  command.more = kMore;
  return command;
}

const Given* given_for(const RunOptions& options, std::string_view flag) {
  for (const Given& given : options.more) {
    if (given.flag == flag) return &given;
  }
  return nullptr;
}

template <class Parse>
double number_of(const RunOptions& options, std::string_view flag, double otherwise, Parse&& parse) {
  const Given* given = given_for(options, flag);
  return given == nullptr ? otherwise : Settings::convert<double>(*given, parse);
}

double parse_share(std::string_view text) {
  if (!text.ends_with('%')) return parse_real(text, {0.01, 1});
  return parse_real(text.substr(0, text.size() - 1), {1, 100}) / 100;
}

std::vector<reports::Threshold> conditions_of(const RunOptions& options) {
  const Given* given = given_for(options, "slo");
  if (given == nullptr)
    throw UsageError("--slo: must be given at least once, such as --slo 'post.response.p99<2ms'");
  std::vector<reports::Threshold> conditions;
  for (const std::string& text : Settings::convert<std::vector<std::string>>(*given, parse_names)) {
    try {
      conditions.push_back(reports::parse_threshold(text));
    } catch (const reports::ThresholdError& error) {
      throw UsageError(given->origin + ": " + error.what());
    }
  }
  return conditions;
}

// The rates tried reach beyond what meets any condition, so that a threshold over all trials would say nothing.
void pass_over_thresholds(RunOptions& options) {
  if (const Given* given = given_for(options, "threshold"))
    throw UsageError(given->origin + ": capacity judges its trials by --slo alone");
  if (options.thresholds.empty()) return;
  options.thresholds.clear();
  options.notes.emplace_back("the scenario's threshold is not judged: capacity judges its trials by --slo");
}

void require_one_population(const RunOptions& options) {
  if (options.request.clients.size() == 1) return;
  throw UsageError("--clients: capacity takes one value, got " +
                   std::to_string(options.request.clients.size()));
}

}  // namespace

CapacityRequest parse_capacity(const Catalog& catalog, const std::vector<std::string>& arguments,
                               const Environment& environment) {
  CapacityRequest request;
  request.run = parse_run(catalog, arguments, environment, capacity());
  require_one_population(request.run);
  pass_over_thresholds(request.run);
  request.conditions = conditions_of(request.run);
  const auto rate = [](std::string_view text) { return parse_rate_ops_s(text, kRateBounds); };
  reports::CapacityOptions& search = request.search;
  search.start_ops_s = number_of(request.run, "from", 1000, rate);
  search.limit_ops_s = number_of(request.run, "limit", 1e8, rate);
  search.precision = number_of(request.run, "precision", 0.05, parse_share);
  search.confirmations = static_cast<std::size_t>(request.run.request.repetitions);
  if (search.confirmations % 2 == 0 || search.confirmations > 99) {
    throw UsageError("--repetitions: must be odd and at most 99, for the majority decides, got " +
                     std::to_string(search.confirmations));
  }
  search.trial_limit = 50 + 20 * search.confirmations;
  if (search.limit_ops_s < search.start_ops_s) {
    throw UsageError("--limit: must be at least --from (" + format_real(search.start_ops_s) + "), got " +
                     format_real(search.limit_ops_s));
  }
  return request;
}

std::string capacity_help() {
  return "usage: crosstalk capacity --slo CONDITION [flags of run]\n\n" +
         wrapped(
             "The largest rate of Poisson arrivals that each strategy sustains while every condition holds. Doubles "
             "the rate until a trial fails, bisects down to the precision, judges the rates near the border by "
             "--repetitions trials each (odd, default 3), and confirms the rate found by as many clean ones. A trial "
             "that is saturated, in which a law broke, or whose generator was late does not meet its rate. The "
             "searches of all strategies advance together, in an order that changes from round to round, and every "
             "rate is measured with null/null too.",
             0) +
         "\n\n" +
         wrapped(
             "With several --threads each number of drivers has its own search; from three on, the Universal "
             "Scalability Law is fitted to what they sustain.",
             0) +
         "\n\n" + describe_flags(kMore) + "\n" +
         wrapped(
             "Takes the flags of crosstalk run too (see crosstalk help run) but --load, --rate, --trace, "
             "--time-scale, --lurkers, --stages, --envelope, --think, --outside, --no-latency, --threshold, --plan, --row and "
             "--dry-run. "
             "Defaults: --duration 1s, --warmup 200ms. All trials stand in the results folder as those of a run do, "
             "what was found in capacity.csv.",
             0) +
         "\n\n" +
         wrapped(
             "Exit codes, beside those of every command: 1 a strategy does not meet the conditions at the lowest "
             "rate; 5 a search gave up.",
             0) +
         "\n";
}

}  // namespace crosstalk::harness
