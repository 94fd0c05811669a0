#include "harness/gate/gate_command.h"

#include <sstream>
#include <string>

#include "harness/gate/gate_options.h"
#include "harness/gate/gate_run.h"
#include "harness/gate/report_files.h"
#include "harness/gate/report_markdown.h"
#include "harness/gate/report_table.h"
#include "harness/gate/report_words.h"
#include "harness/gate/stored_gate.h"
#include "harness/printable.h"
#include "harness/program.h"
#include "reports/csv_writer.h"

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

}  // namespace

int gate_command(const std::vector<std::string>& arguments, const Environment& environment, Streams streams) {
  const GateOptions options = parse_gate(arguments, environment);
  if (options.seed_was_chosen && !options.judges_folders())
    streams.err << "seed: " << options.seed << std::endl;
  make_folder(options.out);
  const GateReport report =
      options.judges_folders() ? judge_folders(options) : GateRun(options, streams.err).run();
  print_verdict(streams.err, report);
  try {
    write_report(options.out, report);
  } catch (const reports::OutputError&) {
    // A gate that ended for want of room has said so, and has none for this either.
    if (report.stop_code != kExitOutput) throw;
  }
  if (report.stopped.empty() || options.format != GateFormat::table)
    print_in(options.format, report, streams.out);
  streams.err << "results: " << options.out.string() << std::endl;
  return exit_code_of(report);
}

}  // namespace crosstalk::harness::gate
