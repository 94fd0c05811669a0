#include "harness/gate/report_files.h"

#include <sstream>

#include "harness/gate/count_tables.h"
#include "harness/gate/count_words.h"
#include "harness/gate/report_markdown.h"
#include "harness/gate/report_table.h"
#include "harness/gate/report_words.h"
#include "harness/json_text.h"
#include "harness/junit_export.h"
#include "harness/output_file.h"
#include "harness/values.h"

namespace crosstalk::harness::gate {

namespace {

using reports::GateRow;
using reports::Verdict;

std::string printed(const TextTable& table, Format format) {
  std::ostringstream text;
  print_table(text, table, format);
  return text.str();
}

struct Outcomes {
  std::size_t tests = 0, failures = 0, errors = 0, skipped = 0;
};

std::string xml_attribute(const char* name, std::string_view value) {
  return std::string(" ") + name + "=\"" + xml_text(value) + "\"";
}

std::string attributes_of(const Outcomes& outcomes) {
  return xml_attribute("tests", std::to_string(outcomes.tests)) +
         xml_attribute("failures", std::to_string(outcomes.failures)) +
         xml_attribute("errors", std::to_string(outcomes.errors)) +
         xml_attribute("skipped", std::to_string(outcomes.skipped));
}

// The element within a test case; nothing where all is well.
std::string outcome_of(const GateReport& report, std::size_t index, Outcomes& outcomes) {
  const GateRow& row = report.rows[index];
  const std::string verdict = verdict_words(report, index);
  const auto element = [&](const char* name, const std::string& message) {
    return "      <" + std::string(name) + xml_attribute("type", verdict) +
           xml_attribute("message", message) + "/>\n";
  };
  const std::string figures = row.change
                                  ? metric_words(row.metric.name) + " " + signed_per_cent(*row.change) + " %"
                                  : metric_words(row.metric.name);
  const std::string cause = likely_cause(report, row);
  const std::string message = row.reason.empty() ? figures : figures + ": " + row.reason;
  if (verdict == "waived") {
    ++outcomes.skipped;
    return "      <skipped" + xml_attribute("message", "waived: " + report.waived[index]->reason) + "/>\n";
  }
  switch (row.verdict) {
    case Verdict::regressed:
      ++outcomes.failures;
      return element("failure", finding_words(row) + (cause.empty() ? "" : "; " + cause));
    case Verdict::undecided:
      if (report.undecided == reports::UndecidedPolicy::pass || !must_be_decided(report, row)) {
        ++outcomes.skipped;
        return "      <skipped" + xml_attribute("message", "undecided: " + message) + "/>\n";
      }
      ++outcomes.failures;
      return element("failure", "undecided: " + message);
    case Verdict::contaminated:
    case Verdict::not_comparable:
    case Verdict::broken:
      ++outcomes.errors;
      return element("error", message);
    default:
      return {};
  }
}

// A case that never fails: what was counted of the scenario of a row, and what of it differs.
std::string counts_case(const GateReport& report, const GateRow& row, Outcomes& outcomes) {
  const ContestReport* contest = report.contest_of(row);
  const std::string text = contest == nullptr ? "" : change_words(contest->replayed);
  if (text.empty()) return {};
  ++outcomes.tests;
  return "    <testcase" + xml_attribute("classname", "gate." + row.scenario) +
         xml_attribute("name", "counts") + ">\n      <system-out>" + xml_text(text) +
         "</system-out>\n    </testcase>\n";
}

std::string suite_of(const GateReport& report, std::size_t begin, std::size_t end, Outcomes& all) {
  Outcomes outcomes;
  std::string cases;
  for (std::size_t i = begin; i < end; ++i) {
    const GateRow& row = report.rows[i];
    ++outcomes.tests;
    const std::string inside = outcome_of(report, i, outcomes);
    cases += "    <testcase" + xml_attribute("classname", "gate." + row.scenario) +
             xml_attribute("name", row.metric.name) +
             (inside.empty() ? "/>\n" : ">\n" + inside + "    </testcase>\n");
  }
  cases += counts_case(report, report.rows[begin], outcomes);
  all.tests += outcomes.tests;
  all.failures += outcomes.failures;
  all.errors += outcomes.errors;
  all.skipped += outcomes.skipped;
  return "  <testsuite" + xml_attribute("name", report.rows[begin].scenario) + attributes_of(outcomes) +
         ">\n" + cases + "  </testsuite>\n";
}

std::string json_control(const GateReport& report) {
  if (!report.control) return "null";
  return "{\"pairs\":" + std::to_string(report.control->pairs) +
         ",\"fewest\":" + std::to_string(report.control->fewest) +
         ",\"p\":" + format_real(report.control->p) +
         ",\"differs\":" + (report.control->differs ? "true" : "false") +
         ",\"metric\":" + json_text(report.control->metric) + "}";
}

std::string json_injection(const std::optional<InjectionCost>& cost) {
  if (!cost) return "null";
  const auto number = [](const std::optional<double>& value) { return value ? format_real(*value) : "null"; };
  return "{\"injected\":" + json_text(cost->injected) +
         ",\"repeats_per_operation\":" + number(cost->repeats) + ",\"pairs\":" + std::to_string(cost->pairs) +
         ",\"throughput\":" + number(cost->throughput) + ",\"cpu_per_op\":" + number(cost->cpu_per_op) + "}";
}

std::string json_count(const OpCount& count) {
  return "{\"operation\":" + json_text(count.op) + ",\"what\":" + json_text(count.name) +
         ",\"exact\":" + (count.exact ? "true" : "false") + ",\"base\":" + format_real(count.base) +
         ",\"head\":" + format_real(count.head) + "}";
}

template <class Items, class Text>
std::string json_list(const Items& items, Text&& text_of) {
  std::string text = "[";
  for (const auto& item : items) text += (text.size() > 1 ? "," : "") + text_of(item);
  return text + "]";
}

std::string json_contest(const ContestReport& contest) {
  std::string text = "{\"scenario\":" + json_text(contest.contest.name) +
                     ",\"seconds\":" + format_real(contest.seconds) + ",\"per_operation\":{";
  for (std::size_t i = 0; i < contest.counts.size(); ++i) {
    const OpCount& count = contest.counts[i];
    text += (i > 0 ? "," : "") + json_text(count.name) + ":[" + format_real(count.base) + "," +
            format_real(count.head) + "]";
  }
  text += "},\"injection\":" + json_injection(contest.injection) +
          ",\"counted\":" + json_list(contest.replayed, json_count) + ",\"instructions\":";
  if (!contest.instructions) return text + "null}";
  text += "{\"base\":" + format_real(contest.instructions->base) +
          ",\"head\":" + format_real(contest.instructions->head) + ",\"grown\":[";
  for (std::size_t i = 0; i < contest.instructions->grown.size(); ++i) {
    const GrownFunction& function = contest.instructions->grown[i];
    text += std::string(i > 0 ? "," : "") + "{\"function\":" + json_text(function.name) +
            ",\"base\":" + format_real(function.base) + ",\"head\":" + format_real(function.head) + "}";
  }
  return text + "]}}";
}

}  // namespace

std::string junit_of(const GateReport& report) {
  Outcomes all;
  std::string suites;
  if (!report.stopped.empty()) {
    all = {.tests = 1, .errors = 1};
    suites = "  <testsuite" + xml_attribute("name", "gate") + attributes_of(all) + ">\n    <testcase" +
             xml_attribute("classname", "gate") + xml_attribute("name", "verdict") + ">\n      <error" +
             xml_attribute("message", report.stopped) + "/>\n    </testcase>\n  </testsuite>\n";
  }
  for (std::size_t begin = 0; begin < report.rows.size() && report.stopped.empty();) {
    std::size_t end = begin;
    while (end < report.rows.size() && report.rows[end].scenario == report.rows[begin].scenario) ++end;
    suites += suite_of(report, begin, end, all);
    begin = end;
  }
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" + xml_attribute("name", "crosstalk gate") +
         attributes_of(all) + xml_attribute("time", format_real(report.seconds)) + ">\n" + suites +
         "</testsuites>\n";
}

std::string json_of(const GateReport& report) {
  return "{\"schema_version\":1,\"verdict\":" +
         json_text(report.stopped.empty() ? to_string(verdict_of(report)) : "none") +
         ",\"exit_code\":" + std::to_string(exit_code_of(report)) +
         ",\"answer\":" + json_text(answer(report)) + ",\"seed\":" + std::to_string(report.seed) +
         ",\"seconds\":" + format_real(report.seconds) + ",\"base\":" + json_text(report.base) +
         ",\"head\":" + json_text(report.head) + ",\"pairs\":" + std::to_string(report.repeats.measured()) +
         ",\"pairs_repeated\":" + std::to_string(report.repeats.disturbed()) +
         ",\"control\":" + json_control(report) + ",\"warnings\":" + json_list(report.warnings, json_text) +
         ",\"scenarios\":" + json_list(report.contests, json_contest) +
         ",\"rows\":" + printed(verdict_table(report), Format::json) + "}\n";
}

namespace {

void write_text(const std::filesystem::path& file, const std::string& text) {
  OutputFile out(file);
  out.stream() << text;
  out.commit();
}

}  // namespace

void write_report(const std::filesystem::path& folder, const GateReport& report) {
  write_text(folder / "summary.md", markdown_of(report));
  write_text(folder / "junit.xml", junit_of(report));
  write_text(folder / "gate.json", json_of(report));
  write_text(folder / "gate.csv", printed(verdict_table(report), Format::csv));
  write_text(folder / "counts.csv", printed(counts_table(report), Format::csv));
}

}  // namespace crosstalk::harness::gate
