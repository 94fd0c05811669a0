#include "harness/trace_command.h"

#include <array>
#include <charconv>
#include <cstdio>
#include <optional>

#include "harness/output_file.h"
#include "harness/run_flags.h"
#include "harness/text_table.h"
#include "harness/workload_options.h"
#include "workloads/describe.h"
#include "workloads/generate.h"
#include "workloads/replay.h"
#include "workloads/trace_csv.h"

namespace crosstalk::harness {

namespace {

// The first ones mean the same as for `run`, in the environment too; --out does not.
constexpr std::size_t kShared = 9;
const std::array<Flag, kShared + 3>& flags() {
  static const std::array<Flag, kShared + 3> all = [] {
    std::array<Flag, kShared + 3> result{
        run_flag("scenario"),
        run_flag("trace"),
        run_flag("time-scale"),
        run_flag("lurkers"),
        run_flag("clients"),
        run_flag("load"),
        run_flag("rate"),
        run_flag("seed"),
        run_flag("set"),
        Flag{.name = "out",
             .value = "FILE|-",
             .help = "write the trace as CSV; - is standard output (default unless --describe)",
             .heading = "What is done with the trace"},
        Flag{.name = "describe", .value = "", .help = "print its figures"},
        Flag{.name = "format", .value = "table|markdown|csv|json", .help = "of --describe (default table)"}};
    result[2].help = "divide the times of the trace by K, 0.001 to 1e9 (default 1)";
    result[4].value = "N";
    result[5].value = "closed|constant|poisson|hawkes";
    result[5].help =
        "when operations are due (default: poisson with --rate, else closed, where the instants only give "
        "the order)";
    result[6].value = "R";
    return result;
  }();
  return all;
}

template <class T>
T only(const Settings& settings, std::string_view flag, const std::vector<T>& values) {
  if (values.size() == 1) return values.front();
  throw UsageError(settings.find(flag)->origin + ": must be one value, got " + std::to_string(values.size()));
}

workloads::Trace trace_of(const Settings& settings, const WorkloadOptions& options) {
  if (!options.trace.empty()) {
    return workloads::make_replay(workloads::read_trace_csv(options.trace),
                                  {.time_scale = options.time_scale == 0 ? 1 : options.time_scale,
                                   .lurkers = options.lurkers,
                                   .seed = options.seed});
  }
  workloads::Arrival arrival;
  if (options.load == LoadModel::constant) arrival.law = workloads::ArrivalLaw::constant;
  if (options.load == LoadModel::poisson) arrival.law = workloads::ArrivalLaw::poisson;
  if (options.load == LoadModel::hawkes) arrival.law = workloads::ArrivalLaw::hawkes;
  arrival.rate_ops_s = only(settings, "rate", options.rates);
  return workloads::make_trace(options.scenario, options.seed, only(settings, "clients", options.clients),
                               arrival);
}

// Six significant digits.
std::string figure(double value) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%.6g", value);
  double rounded = 0;
  std::from_chars(buffer, buffer + sizeof buffer, rounded);
  return format_real(rounded);
}

TextTable description_of(const workloads::Trace& trace) {
  const workloads::TraceSummary summary = workloads::describe(trace);
  TextTable table;
  table.columns = {{"figure"}, {"value", true}};
  const auto whole = [&table](std::string name, std::uint64_t value) {
    table.rows.push_back({std::move(name), std::to_string(value)});
  };
  const auto real = [&table](std::string name, double value) {
    table.rows.push_back({std::move(name), figure(value)});
  };
  whole("clients", summary.clients);
  whole("rooms", summary.rooms);
  whole("sessions_at_start", summary.sessions);
  whole("memberships_at_start", summary.memberships);
  whole("operations", summary.operations);
  for (std::size_t kind = 0; kind < summary.count.size(); ++kind) {
    if (summary.count[kind] == 0) continue;
    whole("operations_" + std::string(to_string(static_cast<workloads::OpKind>(kind))), summary.count[kind]);
  }
  whole("deliveries", summary.deliveries);
  real("fan_out_mean", summary.fan_out_mean);
  real("top_room_share", summary.top_room_share);
  real("length_mean_bytes", summary.length_mean_bytes);
  whole("length_p50_bytes", summary.length_p50_bytes);
  whole("length_p90_bytes", summary.length_p90_bytes);
  whole("length_p99_bytes", summary.length_p99_bytes);
  whole("length_max_bytes", summary.length_max_bytes);
  real("duration_s", summary.duration_ns * 1e-9);
  real("rate_mean_ops_s", summary.rate_mean_ops_s);
  real("rate_peak_ops_s", summary.rate_peak_ops_s);
  // Of a lap: how many times as fast its clock runs as the scenario's own.
  if (!trace.repeats || trace.time_scale != 1) real("time_scale", trace.time_scale);
  if (trace.repeats) return table;
  whole("repeated_joins_dropped", trace.notes.repeated_joins);
  whole("absent_leaves_dropped", trace.notes.absent_leaves);
  whole("joins_implied", trace.notes.implied_joins);
  whole("repeated_connects_dropped", trace.notes.repeated_connects);
  whole("absent_disconnects_dropped", trace.notes.absent_disconnects);
  whole("connects_implied", trace.notes.implied_connects);
  whole("lurkers_added", trace.notes.lurkers);
  return table;
}

void write(std::ostream& out, const workloads::Trace& trace, std::ostream& err) {
  const std::size_t left_out = workloads::write_trace_csv(out, trace);
  if (left_out > 0) err << "crosstalk: " << left_out << " operations have no event and were left out\n";
}

}  // namespace

int trace_command(const std::vector<std::string>& arguments, const Environment& environment,
                  Streams streams) {
  Settings settings;
  read_arguments(settings, flags(), arguments);
  read_environment(settings, std::span(flags()).first(kShared), run_flags(), environment);
  const bool describing = settings.on("describe");
  const std::string out = settings.text("out", describing ? "" : "-");
  if (describing && out == "-") throw UsageError("--describe: cannot be combined with --out -");
  if (!describing) settings.needs("format", "--describe");
  const Format format = settings.get<Format>(
      "format", Format::table, [](std::string_view t) { return parse_choice<Format>(t, kFormatWords); });
  settings.rule_out("load", "trace");  // a log has its instants
  const WorkloadOptions options = read_workload(settings);
  for (const std::string& note : settings.notes()) streams.err << "crosstalk: " << note << '\n';
  std::optional<OutputFile> file;  // opened first: nothing is made that cannot be kept
  if (!out.empty() && out != "-") file.emplace(out);
  const workloads::Trace trace = trace_of(settings, options);
  char hash[17];
  std::snprintf(hash, sizeof hash, "%016llx", static_cast<unsigned long long>(trace.hash));
  streams.err << "seed " << options.seed << (options.seed_was_chosen ? " (chosen)" : "") << ", trace hash "
              << hash << '\n';
  if (out == "-") write(streams.out, trace, streams.err);
  if (file) {
    write(file->stream(), trace, streams.err);
    file->commit();
  }
  if (describing) print_table(streams.out, description_of(trace), format);
  return 0;
}

std::string trace_help() {
  return "usage: crosstalk trace [flags]\n\n" +
         wrapped(
             "Makes the operations of a scenario, or of a replayed CSV trace, as a run would, and writes "
             "them as CSV (time_ms,user,room,event,bytes,target) or describes them.",
             0) +
         "\n\n" + describe_flags(flags());
}

}  // namespace crosstalk::harness
