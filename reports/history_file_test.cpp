#include "reports/history_file.h"

#include <catch2/catch.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include "reports/append_file.h"
#include "reports/csv_reader.h"
#include "reports/csv_table.h"
#include "reports/file_size_limit.h"
#include "reports/history_test_help.h"
#include "reports/results_test_help.h"

namespace crosstalk::reports {
namespace {

std::string words_of_history(const std::filesystem::path& file) {
  try {
    prepare_history(file);
  } catch (const CsvError& error) {
    return std::string("csv ") + error.what();
  } catch (const OutputError& error) {
    return std::string("output ") + error.what();
  }
  return "accepted";
}

TEST_CASE("a history grows by whole nights and keeps what is there", "[reports][history]") {
  const ResultsFolder folder;
  const auto file = folder.path / "history.csv";
  prepare_history(file);
  CHECK(bytes_of(file) == history_header());
  append_history(file, history_of({0.01, 0.02}));
  const std::string before = bytes_of(file);
  prepare_history(file);
  CHECK(bytes_of(file) == before);
  append_history(file, history_of({0.03}));
  CHECK(bytes_of(file).starts_with(before));
  CHECK(read_history(file).size() == 3);
}

TEST_CASE("a history that was taken away while the gate ran is made again", "[reports][history]") {
  const ResultsFolder folder;
  append_history(folder.path / "history.csv", history_of({0.01}));
  CHECK(read_history(folder.path / "history.csv").size() == 1);
}

TEST_CASE("a file that cannot be continued is refused before anything is measured", "[reports][history]") {
  const ResultsFolder folder;
  const auto file = folder.path / "history.csv";
  const std::string name = file.string();
  folder.put("history.csv", "schema_version,run_id\n");
  CHECK(words_of_history(file) == "csv " + name + ":1: column missing: date");
  folder.put("history.csv", "more," + history_header());
  CHECK_THAT(words_of_history(file), Catch::StartsWith("csv " + name + ":1: holds other columns"));
  folder.put("history.csv", history_header() + history_line(history_row("2026", 0)));
  CHECK_THAT(words_of_history(file), Catch::StartsWith("csv " + name + ":2: date: must be like"));
  folder.put("history.csv", history_header() + "1,2026-01");
  CHECK(words_of_history(file) == "csv " + name + ":2: the last line is cut off");
  CHECK_THAT(words_of_history(folder.path / "none" / "h.csv"), Catch::EndsWith("No such file or directory"));
  CHECK_THAT(words_of_history("/dev/full"), Catch::StartsWith("output /dev/full: is not a file"));
}

TEST_CASE("nothing is appended to what would make it unreadable", "[reports][history]") {
  const ResultsFolder folder;
  const auto file = folder.path / "history.csv";
  for (const std::string& bytes : {std::string("another,header\n"), history_header() + "1,2026-01"}) {
    folder.put("history.csv", bytes);
    CHECK_THROWS_AS(append_history(file, history_of({0.01})), OutputError);
    CHECK(bytes_of(file) == bytes);
  }
}

TEST_CASE("a disk that is full takes no part of a night", "[reports][history]") {
  const ResultsFolder folder;
  const auto file = folder.path / "history.csv";
  append_history(file, history_of({0.01}));
  const std::string before = bytes_of(file);
  {
    const FileSizeLimit limit(before.size() + 50);
    CHECK_THROWS_WITH(append_history(file, history_of({0.02, 0.03})), Catch::EndsWith("File too large"));
  }
  CHECK(bytes_of(file) == before);
}

TEST_CASE("gates that end at once append one after the other", "[reports][history]") {
  const ResultsFolder folder;
  const auto file = folder.path / "history.csv";
  const auto night = history_of(std::vector<double>(30, 0.01));
  std::vector<pid_t> gates;
  for (int gate = 0; gate < 4; ++gate) {
    gates.push_back(fork());
    REQUIRE(gates.back() >= 0);
    if (gates.back() > 0) continue;
    for (int i = 0; i < 5; ++i) append_history(file, night);
    _exit(0);
  }
  for (const pid_t gate : gates) {
    int status = 1;
    REQUIRE(waitpid(gate, &status, 0) == gate);
    CHECK(status == 0);
  }
  const auto rows = read_history(file);
  REQUIRE(rows.size() == 4 * 5 * 30);
  for (std::size_t i = 0; i < rows.size(); ++i) CHECK(rows[i].head_commit == night[i % 30].head_commit);
}

}  // namespace
}  // namespace crosstalk::reports
