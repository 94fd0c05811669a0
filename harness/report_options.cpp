#include "harness/report_options.h"

#include <algorithm>
#include <span>

#include "harness/settings.h"
#include "harness/values.h"

namespace crosstalk::harness {

namespace {

constexpr std::array kReportFlags{
    Flag{.name = "merge", .value = "", .help = "make one folder of all of them: --out NEW"},
    Flag{
        .name = "export",
        .value = "FORM",
        .help =
            "instead of the answer: gbench (JSON of Google Benchmark), hdr (percentiles of HdrHistogram, a file per "
            "strategy and metric), prometheus (text exposition), junit (XML), summary (Markdown for a CI job)"},
    Flag{
        .name = "out",
        .value = "FILE|DIR",
        .help =
            "write there: the file of --export (default: standard output), the folder of --export hdr and of --merge"},
    Flag{
        .name = "history",
        .value = "FILE",
        .help =
            "instead of folders: what the gates of FILE (crosstalk gate --history) say of slow drifts and of changes"},
    Flag{
        .name = "points",
        .value = "",
        .help =
            "with --history and --format csv or json: a row for every point, which scripts/plot_history.py draws"},
    Flag{.name = "fail-on-drift",
         .value = "",
         .help = "with --history: exit code 1 where a drift goes on at the last point of a series"},
    Flag{.name = "ascii", .value = "", .help = "draw with ASCII characters, as without a UTF-8 locale"},
    Flag{.name = "format", .value = "table|markdown|csv|json", .help = "of what is printed (default table)"},
};

bool takes_value(const std::string& token) {
  if (token.find('=') != std::string::npos) return false;
  return std::any_of(kReportFlags.begin(), kReportFlags.end(), [&](const Flag& flag) {
    return !flag.value.empty() && token == "--" + std::string(flag.name);
  });
}

// Flags with their values, and what is left: folders.
struct SplitArguments {
  std::vector<std::string> flags, folders;
};
SplitArguments split(const std::vector<std::string>& arguments) {
  SplitArguments result;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--") {
      result.folders.insert(result.folders.end(), arguments.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                            arguments.end());
      break;
    }
    if (arguments[i].size() < 2 || !arguments[i].starts_with('-')) {
      result.folders.push_back(arguments[i]);
      continue;
    }
    result.flags.push_back(arguments[i]);
    if (takes_value(arguments[i]) && i + 1 < arguments.size()) result.flags.push_back(arguments[++i]);
  }
  return result;
}

void check_folders(const ReportOptions& options) {
  if (options.folders.empty())
    throw UsageError("DIR: a results folder must be given, such as results/20260131-120000");
  for (const auto& folder : options.folders) {
    std::error_code ignored;
    if (!std::filesystem::is_directory(folder, ignored))
      throw UsageError("no such folder: " + shown(folder.string()));
    if (!std::filesystem::exists(folder / "runs.csv", ignored))
      throw UsageError("no runs.csv in " + shown(folder.string()) + ": not a results folder");
  }
}

void check_combination(const Settings& settings, const ReportOptions& options) {
  if (options.merge) {
    if (options.form) throw UsageError("--export: cannot be combined with --merge; export the merged folder");
    if (settings.has("format"))
      throw UsageError("--format: cannot be combined with --merge, which prints nothing");
    if (options.out.empty()) throw UsageError("--merge: needs --out NEW, the folder to make");
    if (options.folders.size() < 2) throw UsageError("--merge: needs at least two folders, got 1");
    return;
  }
  if (options.form) {
    if (settings.has("format")) throw UsageError("--format: cannot be combined with --export");
    if (options.folders.size() > 1)
      throw UsageError("--export: takes one folder, got " + std::to_string(options.folders.size()) +
                       "; --merge makes one");
    if (*options.form == Export::hdr && options.out.empty())
      throw UsageError("--export hdr: needs --out DIR, for it writes a file per strategy and metric");
    return;
  }
  if (!options.out.empty()) throw UsageError("--out: needs --export or --merge");
}

}  // namespace

namespace {

void check_history(const Settings& settings, const ReportOptions& options) {
  if (options.history.empty()) {
    settings.needs("points", "--history");
    settings.needs("fail-on-drift", "--history");
    return;
  }
  for (const char* flag : {"merge", "export", "out", "ascii"}) {
    if (settings.has(flag))
      throw UsageError("--" + std::string(flag) + ": cannot be combined with --history");
  }
  if (!options.folders.empty())
    throw UsageError("--history: takes no results folder, got " + shown(options.folders.front().string()));
  if (options.points && options.format != Format::csv && options.format != Format::json)
    throw UsageError("--points: needs --format csv or json");
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(options.history, ignored))
    throw UsageError("--history: no such file: " + shown(options.history.string()));
}

}  // namespace

ReportOptions parse_report(const std::vector<std::string>& arguments, const Environment& environment) {
  const SplitArguments split_arguments = split(arguments);
  Settings settings;
  read_arguments(settings, kReportFlags, split_arguments.flags);
  read_environment(settings, std::span(kReportFlags).last(1), {}, environment);
  ReportOptions options;
  options.folders.assign(split_arguments.folders.begin(), split_arguments.folders.end());
  options.merge = settings.on("merge");
  if (settings.has("export")) {
    options.form = settings.get<Export>(
        "export", Export::gbench, [](std::string_view t) { return parse_choice<Export>(t, kExportWords); });
  }
  options.out = settings.text("out", "");
  options.format = settings.get<Format>(
      "format", Format::table, [](std::string_view t) { return parse_choice<Format>(t, kFormatWords); });
  options.glyphs = settings.on("ascii") ? &ascii_glyphs() : &glyphs_for(environment);
  options.history = settings.text("history", "");
  options.points = settings.on("points");
  options.fail_on_drift = settings.on("fail-on-drift");
  check_history(settings, options);
  if (!options.history.empty()) return options;
  if (const Given* format = settings.find("format"); format != nullptr && format->layer != Layer::arguments)
    settings.remove("format");  // the environment's is a default and contradicts nothing
  check_combination(settings, options);
  check_folders(options);
  return options;
}

std::string report_help() {
  return "usage: crosstalk report DIR [DIR..] [flags]\n"
         "       crosstalk report --history FILE [flags]\n\n" +
         wrapped(
             "The answer of results folders once more: as crosstalk run or compare printed it, then how latencies are "
             "distributed (a bar per strategy, the histograms of its trials added) and how the measured phase went (a line "
             "of throughput and one of p99). Percentiles of several trials are those of all their values together, never "
             "averages. With --format csv or json: a row per load and strategy.",
             0) +
         "\n\n" + describe_flags(kReportFlags) + "\n" +
         wrapped(
             "--merge: the new folder holds the rows of all, as if one program had measured them: shards of a plan whose "
             "rows were run one by one (crosstalk run --plan FILE --row N), or runs that were repeated, whose blocks become "
             "further blocks. Nothing is summed up: trials are separate experiments. Folders of another build, machine or "
             "schema, of another trace for the same load, or with the same measurement twice are refused.",
             0) +
         "\n\n" +
         wrapped(
             "--export gbench names a benchmark SCENARIO/STRATEGY/LOAD/clients:N/threads:N, its repetitions are trials; "
             "real_time is wall time per operation (in an open loop the mean response), NAME/response_p99 has the p99. "
             "Trials that must not be used are errors there, skipped or failed in junit, and left out elsewhere.",
             0) +
         "\n\n" +
         wrapped(
             "--history: losses against a frozen build, the anchor, night after night; a series for each machine, anchor, scenario "
             "and metric. Drift: a CUSUM that looks for 2 % and raises a false alarm once in 500 nights over all series of an "
             "anchor and a machine. Changes: e-divisive, at 1 % over all of them. Contaminated rows and those of too few pairs are "
             "left out. A history is a report and ends with 0, whatever it says, unless --fail-on-drift is given.",
             0) +
         "\n\nexamples:\n"
         "  crosstalk report results/20260131-120000\n"
         "  crosstalk report old new --format csv\n"
         "  crosstalk report results/* --merge --out results/all\n"
         "  crosstalk report results/all --export gbench --out results/all.json\n"
         "  crosstalk report results/all --export summary >>\"$GITHUB_STEP_SUMMARY\"\n"
         "  crosstalk report --history history.csv --points --format csv >points.csv\n\n" +
         wrapped(
             "Exit codes: 0 ok; 1 a drift goes on, under --fail-on-drift; 2 usage, or a file that is damaged; 3 a trial broke a law; 4 some strategy has no trial that "
             "was measured soundly; 6 the folders cannot be merged; 7 the output could not be written; 8 a trial crashed or "
             "hung. 1, 3, 4 and 8 come after everything has been printed.",
             0) +
         "\n";
}

}  // namespace crosstalk::harness
