#include "harness/report_command.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "harness/ci_summary.h"
#include "harness/gbench_export.h"
#include "harness/history_view.h"
#include "harness/junit_export.h"
#include "harness/output_file.h"
#include "harness/prometheus_export.h"
#include "harness/recorded_folder.h"
#include "harness/report_options.h"
#include "harness/report_table.h"
#include "harness/report_view.h"
#include "reports/folder_merge.h"
#include "reports/hdr_text.h"
#include "reports/output_error.h"

namespace crosstalk::harness {

namespace {

namespace fs = std::filesystem;

// Part of a file's name: letters, digits and what is harmless, cut to a length that every file system takes.
std::string file_part(const std::string& text) {
  constexpr std::size_t kLongest = 60;
  std::string part;
  for (const char c : text.substr(0, kLongest)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '.' || c == '_' || c == '-' || c == '#';
    part += plain ? c : '-';
  }
  return part;
}

void write_file(const fs::path& path, const std::string& text) {
  OutputFile file(path);
  file.stream() << text;
  file.commit();
}

// A file per load, strategy and metric. Names that would be the same get numbers.
void write_hdr(const RecordedFolder& folder, const fs::path& out, Streams streams) {
  std::error_code error;
  fs::create_directories(out, error);
  if (error) throw reports::OutputError(out.string() + ": " + error.message());
  std::set<std::string> names;
  for (const LoadRecord& load : folder.loads()) {
    for (const StrategyRecord& record : load.strategies) {
      for (const auto& [metric, values] : record.times) {
        const std::string stem = file_part(load.identity().scenario) + "." +
                                 file_part(load.identity().load_model) + "." + file_part(record.strategy) +
                                 "." + file_part(metric);
        std::string name = stem;
        for (int number = 2; !names.insert(name).second; ++number) name = stem + "-" + std::to_string(number);
        write_file(out / (name + ".hgrm"), reports::hdr_text(values));
      }
    }
  }
  streams.err << names.size() << " files: " << out.string() << std::endl;
}

std::string exported(const RecordedFolder& folder, Export form) {
  switch (form) {
    case Export::gbench:
      return gbench_json(folder);
    case Export::prometheus:
      return prometheus_text(folder);
    case Export::junit:
      return junit_xml(folder);
    default:
      return ci_summary(folder);
  }
}

void write_export(const RecordedFolder& folder, const ReportOptions& options, Streams streams) {
  if (*options.form == Export::hdr) {
    write_hdr(folder, options.out, streams);
    return;
  }
  const std::string text = exported(folder, *options.form);
  if (options.out.empty()) {
    streams.out << text << std::flush;
  } else {
    write_file(options.out, text);
  }
}

void print_folders(const std::vector<RecordedFolder>& folders, const ReportOptions& options,
                   Streams streams) {
  const bool for_people = options.format == Format::table || options.format == Format::markdown;
  if (!for_people) {
    print_table(streams.out, report_table(folders), options.format);
    streams.out.flush();
    return;
  }
  for (const RecordedFolder& folder : folders) {
    if (folders.size() > 1) {
      const bool first = &folder == &folders.front();
      streams.out << (first ? "" : "\n") << (options.format == Format::markdown ? "## " : "== ")
                  << folder.path().string() << "\n\n";
    }
    print_folder(folder, options.format, *options.glyphs, streams);
  }
}

int report_history(const ReportOptions& options, Streams streams) {
  const auto findings = reports::judge_history(reports::read_history(options.history));
  print_history(findings, {options.format, options.points}, streams);
  if (!streams.out.flush()) throw reports::OutputError("standard output could not be written");
  const bool drifts = std::any_of(findings.begin(), findings.end(),
                                  [](const reports::SeriesFindings& found) { return found.drifts_now(); });
  return options.fail_on_drift && drifts ? 1 : 0;
}

}  // namespace

int report_command(const std::vector<std::string>& arguments, const Environment& environment,
                   Streams streams) {
  const ReportOptions options = parse_report(arguments, environment);
  if (options.merge) {
    reports::merge_folders(options.folders, options.out);
    streams.err << "results: " << options.out.string() << std::endl;
    return 0;
  }
  if (!options.history.empty()) return report_history(options, streams);
  std::vector<RecordedFolder> folders;
  folders.reserve(options.folders.size());
  for (const fs::path& folder : options.folders) folders.emplace_back(folder);
  if (options.form) {
    write_export(folders.front(), options, streams);
  } else {
    print_folders(folders, options, streams);
  }
  if (!streams.out) throw reports::OutputError("standard output could not be written");
  return exit_code_of(folders);
}

}  // namespace crosstalk::harness
