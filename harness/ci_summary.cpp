#include "harness/ci_summary.h"

#include <array>
#include <sstream>

#include "harness/printable.h"
#include "harness/recorded_tournament.h"
#include "harness/summary.h"
#include "harness/tournament_view.h"

namespace crosstalk::harness {

namespace {

// Text in which nothing is markup.
std::string plain(const std::string& text) {
  std::string result;
  for (const char c : printable(text)) {
    if (std::string_view("\\`*_[]<>|#~").find(c) != std::string_view::npos) result += '\\';
    result += c;
  }
  return result;
}

// The same between backquotes, where a name stays as it is.
std::string code(const std::string& text) {
  std::string result;
  for (const char c : printable(text)) result += c == '`' ? '\'' : c;
  return "`" + result + "`";
}

void put_table(std::ostream& out, const std::string& title, const TextTable& table) {
  out << "#### " << plain(title) << "\n\n";
  print_table(out, table, Format::markdown);
  out << '\n';
}

void put_tournament(std::ostream& out, const RecordedFolder& folder) {
  const RecordedTournament tournament(folder);
  for (const JudgedField& field : tournament.fields()) {
    const std::string text = answer(field);
    if (!text.empty()) out << "**" << plain(text) << "**\n\n";
  }
  for (const JudgedField& field : tournament.fields()) {
    put_table(out, field.field->name(), view(field));
    for (const std::string& remark : remarks(field)) out << "- " << plain(remark) << '\n';
    out << "\n<sub>" << plain(legend(field)) << "</sub>\n\n";
  }
}

void put_sections(std::ostream& out, const Summary& summary) {
  for (const std::string& finding : summary.findings()) out << "**" << plain(finding) << "**\n\n";
  for (const Summary::Section& section : summary.sections()) put_table(out, section.title, section.table);
}

}  // namespace

std::string ci_summary(const RecordedFolder& folder) {
  Summary summary;
  for (const reports::RecordedTrial& trial : folder.trials()) summary.add(trial);
  std::ostringstream out;
  out << "### crosstalk: " << plain(folder.loads().front().identity().scenario) << "\n\n";
  if (folder.is_comparison()) {
    put_tournament(out, folder);
  } else {
    put_sections(out, summary);
  }
  const auto warnings = summary.warnings();
  for (const std::string& warning : warnings) out << "- **warning**: " << plain(warning) << '\n';
  if (!warnings.empty()) out << '\n';
  const reports::RecordedTrial& first = folder.trials().front();
  out << "<details><summary>Machine and build</summary>\n\n";
  constexpr std::array kFacts{"cpu_model", "cpus_online", "kernel", "virtual_machine", "governor", "command"};
  for (const char* key : kFacts) {
    if (const std::string value = folder.fact(key); !value.empty())
      out << "- " << key << ": " << code(value) << '\n';
  }
  out << "- commit: " << code(first.commit) << "\n- compiler: " << code(first.compiler) << "\n\n</details>\n";
  return out.str();
}

}  // namespace crosstalk::harness
