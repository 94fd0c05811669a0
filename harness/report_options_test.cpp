#include "harness/report_options.h"

#include <catch2/catch.hpp>
#include <sstream>

#include "harness/command_line_test_support.h"

namespace crosstalk::harness {
namespace {

class ReportLine {
 public:
  ReportLine() {
    folder.put("runs.csv", "");
    std::filesystem::create_directory(folder.path / "--odd");
    folder.put("--odd/runs.csv", "");
  }
  [[nodiscard]] ReportOptions parse(std::vector<std::string> arguments,
                                    const Environment& environment = {}) const {
    for (std::string& argument : arguments) {
      if (argument == "DIR") argument = folder.path.string();
    }
    return parse_report(arguments, environment);
  }

  TestFolder folder;
};

TEST_CASE("folders stand anywhere between the flags of report", "[harness][report_options]") {
  const ReportLine line;
  const ReportOptions options = line.parse({"DIR", "--format", "csv", "DIR"});
  CHECK(options.folders.size() == 2);
  CHECK(options.format == Format::csv);
  CHECK(line.parse({"--export=junit", "DIR"}).form == Export::junit);
  CHECK(line.parse({"--ascii", "DIR"}, {{"LANG", "C.UTF-8"}}).glyphs == &ascii_glyphs());
  CHECK(line.parse({"DIR"}, {{"LANG", "C.UTF-8"}}).glyphs == &block_glyphs());
  CHECK(line.parse({"DIR"}, {{"CROSSTALK_FORMAT", "json"}}).format == Format::json);
  CHECK_NOTHROW(line.parse({"DIR", "--export", "gbench"}, {{"CROSSTALK_FORMAT", "json"}}));
}

TEST_CASE("behind -- everything is a folder", "[harness][report_options]") {
  const ReportLine line;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(line.folder.path);
  CHECK(line.parse({"--", "--odd"}).folders.size() == 1);
  std::filesystem::current_path(before);
}

TEST_CASE("what report cannot do is refused with the flag's name", "[harness][report_options]") {
  const ReportLine line;
  const auto refuses = [&](const std::vector<std::string>& arguments, const std::string& reason) {
    CHECK_THROWS_WITH(line.parse(arguments), Catch::Contains(reason));
    CHECK_THROWS_AS(line.parse(arguments), UsageError);
  };
  refuses({}, "DIR: a results folder must be given");
  refuses({"/no/such/folder"}, "no such folder: '/no/such/folder'");
  refuses({"/proc"}, "no runs.csv in '/proc'");
  refuses({"DIR", "--fromat", "csv"}, "did you mean '--format'?");
  refuses({"DIR", "--export", "junk"}, "--export: must be gbench, hdr, prometheus, junit or summary");
  refuses({"DIR", "--export"}, "--export: needs a value");
  refuses({"DIR", "--export", "hdr"}, "--export hdr: needs --out DIR");
  refuses({"DIR", "DIR", "--export", "gbench"}, "--export: takes one folder, got 2");
  refuses({"DIR", "--export", "gbench", "--format", "csv"}, "--format: cannot be combined with --export");
  refuses({"DIR", "--out", "x"}, "--out: needs --export or --merge");
  refuses({"DIR", "--merge", "--out", "x"}, "--merge: needs at least two folders, got 1");
  refuses({"DIR", "DIR", "--merge"}, "--merge: needs --out NEW");
  refuses({"DIR", "DIR", "--merge", "--out", "x", "--export", "junit"},
          "--export: cannot be combined with --merge");
}

TEST_CASE("a history is reported instead of folders", "[harness][report_options]") {
  const ReportLine line;
  const std::string history = line.folder.put("h.csv", "");
  const ReportOptions options =
      line.parse({"--history", history, "--points", "--format", "csv", "--fail-on-drift"});
  CHECK(options.history == history);
  CHECK(options.points);
  CHECK(options.fail_on_drift);
  CHECK(line.parse({"--history", history}, {{"CROSSTALK_FORMAT", "json"}}).format == Format::json);
  const auto refuses = [&](const std::vector<std::string>& arguments, const std::string& reason) {
    CHECK_THROWS_WITH(line.parse(arguments), Catch::StartsWith(reason));
  };
  refuses({"--history", "/no/such/file"}, "--history: no such file: '/no/such/file'");
  refuses({"--history", line.folder.path.string()}, "--history: no such file: ");
  refuses({"--history", history, "DIR"}, "--history: takes no results folder, got ");
  refuses({"--history", history, "--points"}, "--points: needs --format csv or json");
  refuses({"--history", history, "--out", "x"}, "--out: cannot be combined with --history");
  refuses({"--history", history, "--merge"}, "--merge: cannot be combined with --history");
  refuses({"DIR", "--points"}, "--points: needs --history");
  refuses({"DIR", "--fail-on-drift"}, "--fail-on-drift: needs --history");
}

TEST_CASE("the help of report keeps to 80 columns", "[harness][report_options]") {
  std::istringstream lines(report_help());
  for (std::string text; std::getline(lines, text);) CHECK(text.size() <= 80);
}

}  // namespace
}  // namespace crosstalk::harness
