#include "harness/gate/gate_command.h"

#include <ctime>
#include <sstream>
#include <string>

#include "harness/gate/gate_options.h"
#include "harness/gate/gate_run.h"
#include "harness/gate/history_rows.h"
#include "harness/gate/report_files.h"
#include "harness/gate/report_markdown.h"
#include "harness/gate/report_table.h"
#include "harness/gate/report_words.h"
#include "harness/gate/stored_gate.h"
#include "harness/printable.h"
#include "harness/program.h"
#include "reports/csv_writer.h"
#include "reports/history_file.h"

namespace crosstalk::harness::gate {

namespace {

void make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw reports::OutputError(folder.string() + ": " + error.message());
}

// One line whatever the format: CI logs are read from their end.
void print_verdict(std::ostream& err, const GateReport& report) {
  if (report.stopped.empty()) return;
  std::istringstream page(report.stop_page);
  for (std::string line; std::getline(page, line);) err << printable(line) << '\n';
  err << "crosstalk: gate: " << printable(report.stopped) << std::endl;
}

void print_in(GateFormat format, const GateReport& report, std::ostream& out) {
  switch (format) {
    case GateFormat::table:
      print_report(out, report);
      break;
    case GateFormat::markdown:
      out << markdown_of(report);
      break;
    case GateFormat::csv:
      print_table(out, verdict_table(report), Format::csv);
      break;
    case GateFormat::json:
      out << json_of(report);
      break;
    case GateFormat::junit:
      out << junit_of(report);
      break;
  }
  out.flush();
}

// Before anything is measured: the file can be continued, and the anchor is what it is now.
HistoryOrigin origin_of(const GateOptions& options) {
  reports::prepare_history(options.history);
  HistoryOrigin origin;
  origin.anchor_hash = hash_of_programs(options.base);
  origin.block_ns = options.block_ns;
  const reports::Facts facts = reports::machine_facts();
  origin.machine = machine_key(facts);
  for (const auto& [key, value] : facts) {
    if (key == "kernel") origin.kernel = value;
  }
  return origin;
}

// Last of all: where it fails, everything else has been written and printed.
void append_rows(const GateOptions& options, HistoryOrigin origin, const GateReport& report,
                 std::ostream& err) {
  origin.time = std::time(nullptr);
  const auto rows = history_rows(report, origin);
  if (!rows.empty()) reports::append_history(options.history, rows);
  err << "history: " << options.history.string() << ": "
      << (rows.empty() ? "nothing added, the gate ended before its verdict"
                       : std::to_string(rows.size()) + " rows added")
      << std::endl;
}

}  // namespace

int gate_command(const std::vector<std::string>& arguments, const Environment& environment, Streams streams) {
  const GateOptions options = parse_gate(arguments, environment);
  if (options.seed_was_chosen && !options.judges_folders())
    streams.err << "seed: " << options.seed << std::endl;
  make_folder(options.out);
  HistoryOrigin origin;
  if (!options.history.empty()) origin = origin_of(options);
  const GateReport report =
      options.judges_folders() ? judge_folders(options) : GateRun(options, streams.err).run();
  print_verdict(streams.err, report);
  // Before it is written: a full disk does not take the verdict along.
  if (report.stopped.empty() || options.format != GateFormat::table)
    print_in(options.format, report, streams.out);
  try {
    write_report(options.out, report);
  } catch (const reports::OutputError&) {
    // A gate that ended for want of room has said so, and has none for this either.
    if (report.stop_code != kExitOutput) throw;
  }
  streams.err << "results: " << options.out.string() << std::endl;
  if (!options.history.empty()) append_rows(options, origin, report, streams.err);
  return exit_code_of(report);
}

}  // namespace crosstalk::harness::gate
