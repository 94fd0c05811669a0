// Files of golden/ and their damaged variants: each is refused on the line that damage.txt says, or accepted.
#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

#include "reports/csv_verdict.h"

namespace crosstalk::reports {
namespace {

const std::filesystem::path kGolden = std::filesystem::path(CROSSTALK_SOURCE_DIR) / "reports/golden";

// \n \r \t \0 \xHH
std::string unescaped(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    const char kind = text[++i];
    if (kind == 'x') {
      out += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
      i += 2;
    } else {
      out += kind == 'n' ? '\n' : kind == 'r' ? '\r' : kind == 't' ? '\t' : '\0';
    }
  }
  return out;
}

struct GoldenCase {
  std::string text, file, verdict, operation;
  std::vector<std::string> arguments;
};

std::vector<GoldenCase> golden_cases() {
  std::ifstream in(kGolden / "damage.txt");
  std::vector<GoldenCase> cases;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    GoldenCase& each = cases.emplace_back();
    each.text = line;
    std::vector<std::string> parts;
    for (std::size_t at = 0; at != std::string::npos;) {
      const std::size_t end = line.find(" | ", at);
      parts.push_back(line.substr(at, end == std::string::npos ? end : end - at));
      at = end == std::string::npos ? end : end + 3;
    }
    std::istringstream(parts.front()) >> each.file >> each.verdict >> each.operation;
    for (std::size_t i = 1; i < parts.size(); ++i) each.arguments.push_back(unescaped(parts[i]));
  }
  return cases;
}

using Lines = std::vector<std::vector<std::string>>;

// Cells as they stand in the file, quotes and all.
Lines raw_lines(const std::string& bytes) {
  Lines lines(1);
  lines.back().emplace_back();
  bool quoted = false;
  for (const char c : bytes) {
    if (c == '"') quoted = !quoted;
    if (c == '\n') {
      lines.push_back({""});
    } else if (c == ',' && !quoted) {
      lines.back().emplace_back();
    } else {
      lines.back().back() += c;
    }
  }
  lines.pop_back();
  return lines;
}

std::string joined_lines(const Lines& lines) {
  std::string text;
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) text += (i > 0 ? "," : "") + line[i];
    text += '\n';
  }
  return text;
}

std::string utf16(const std::string& bytes, bool little) {
  std::string out = little ? "\xFF\xFE" : "\xFE\xFF";
  for (const char c : bytes) out += little ? std::string{c, '\0'} : std::string{'\0', c};
  return out;
}

std::string replaced(std::string bytes, const std::string& from, const std::string& to, bool every) {
  std::size_t at = bytes.find(from);
  REQUIRE(at != std::string::npos);
  for (; at != std::string::npos; at = every ? bytes.find(from, at + to.size()) : std::string::npos)
    bytes.replace(at, from.size(), to);
  return bytes;
}

std::string with_cell(const std::string& bytes, std::size_t line, const std::string& column,
                      const std::string& text) {
  Lines lines = raw_lines(bytes);
  const auto place = std::find(lines[0].begin(), lines[0].end(), column) - lines[0].begin();
  lines.at(line - 1).at(static_cast<std::size_t>(place)) = text;
  return joined_lines(lines);
}

std::string with_lines_changed(const GoldenCase& each, const std::string& bytes) {
  Lines lines = raw_lines(bytes);
  const auto& a = each.arguments;
  if (each.operation == "header") lines.resize(1);
  if (each.operation == "again") lines.push_back(lines.at(std::stoul(a[0]) - 1));
  for (auto& line : lines) {
    if (each.operation == "reverse") std::reverse(line.begin(), line.end());
    if (each.operation == "column")
      line.insert(line.begin(), &line == lines.data() ? a[0] : '"' + a[1] + '"');
  }
  return joined_lines(lines);
}

std::string damaged(const GoldenCase& each, const std::string& bytes) {
  const auto& a = each.arguments;
  if (each.operation == "replace" || each.operation == "every")
    return replaced(bytes, a[0], a[1], each.operation == "every");
  if (each.operation == "prepend") return a[0] + bytes;
  if (each.operation == "append") return bytes + a[0];
  if (each.operation == "keep") return bytes.substr(0, std::stoul(a[0]));
  if (each.operation.starts_with("utf16")) return utf16(bytes, each.operation == "utf16le");
  if (each.operation == "cell") return with_cell(bytes, 2, a[0], a.at(1));
  if (each.operation == "rowcell") return with_cell(bytes, std::stoul(a[0]), a[1], a.at(2));
  return with_lines_changed(each, bytes);
}

TEST_CASE("damaged result files are refused on the line that damage.txt says", "[reports][csv][golden]") {
  const auto cases = golden_cases();
  CHECK(cases.size() > 780);
  CHECK(std::count_if(cases.begin(), cases.end(), [](const GoldenCase& c) { return c.verdict != "ok"; }) >
        400);
  for (const GoldenCase& each : cases) {
    const std::string bytes = bytes_of(kGolden / (each.file + ".csv"));
    const std::string verdict = csv_verdict(each.file, damaged(each, bytes));
    INFO(each.text << "\n" << verdict);
    const std::string wanted =
        each.verdict == "ok" ? "accepted" : "refused " + each.file + ".csv:" + each.verdict + ": ";
    CHECK(verdict.starts_with(wanted));
  }
}

TEST_CASE("every prefix of a result file is refused or holds whole lines", "[reports][csv][golden]") {
  for (const ResultFile& file : result_files()) {
    const std::string bytes = bytes_of(kGolden / file.name);
    const std::string name(file.name.substr(0, file.name.size() - 4));
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      const std::string prefix = bytes.substr(0, length);
      const std::string verdict = csv_verdict(name, prefix);
      INFO(file.name << ", " << length << " bytes: " << verdict);
      if (prefix.ends_with('\n')) {
        CHECK(std::count(verdict.begin(), verdict.end(), '\n') ==
              std::count(prefix.begin(), prefix.end(), '\n') - 1);
        CHECK(verdict.starts_with("accepted"));
      } else {
        const auto line = std::count(prefix.begin(), prefix.end(), '\n') + 1;
        CHECK(verdict.starts_with("refused " + std::string(file.name) + ":" + std::to_string(line) + ": "));
      }
    }
  }
}

TEST_CASE("the order of columns does not change what is read", "[reports][csv][golden]") {
  for (const ResultFile& file : result_files()) {
    const std::string bytes = bytes_of(kGolden / file.name);
    const std::string name(file.name.substr(0, file.name.size() - 4));
    GoldenCase reversed;
    reversed.operation = "reverse";
    CHECK(csv_verdict(name, damaged(reversed, bytes)) == csv_verdict(name, bytes));
  }
}

}  // namespace
}  // namespace crosstalk::reports
