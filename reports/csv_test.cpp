#include <catch2/catch.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "reports/csv_reader.h"
#include "reports/csv_writer.h"
#include "reports/file_size_limit.h"
#include "reports/schema.h"

namespace crosstalk::reports {
namespace {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "crosstalk-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path = name;
  }
  ~Folder() { fs::remove_all(path); }
  fs::path path;
};

std::string content(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
void put(const fs::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

RunResult result() {
  RunResult run;
  run.identity.run_id = "r1";
  run.identity.strategy = "sharded/\"odd\", name";
  run.identity.trace_hash = 0xABC;
  run.verified = true;
  OpResult all;
  all.op = "all";
  all.achieved_ops_s = 1234.5;
  all.count = 1000;
  all.service.record(500, 1000);
  all.response.record(700, 1000);
  run.ops = {all};
  Interval slice;
  slice.op = "all";
  slice.phase = "measure";
  run.intervals = {slice};
  return run;
}

TEST_CASE("what is written is read back", "[reports][csv]") {
  const Folder folder;
  {
    ResultsWriter writer(folder.path);
    writer.write(result());
    writer.write_environment({{"kernel", "x, \"y\""}});
  }
  {
    ResultsWriter more(folder.path);  // continues
    RunResult second = result();
    second.identity.trial = 1;
    more.write(second);
  }
  const auto rows = read_runs(folder.path / "runs.csv");
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].strategy == "sharded/\"odd\", name");
  CHECK(rows[0].trace_hash == "0000000000000abc");
  CHECK(rows[0].achieved_ops_s == 1234.5);
  CHECK(rows[0].verified == true);
  CHECK(rows[0].response_p99_ns == 700);
  CHECK(rows[0].service_p50_ns == 500);
  CHECK(rows[0].errors == result().ops[0].errors);
  CHECK(rows[0].faults_minor == result().faults_minor);
  CHECK(rows[0].steal_pct == result().steal_pct);
}

TEST_CASE("text that is not UTF-8 costs nobody the file", "[reports][csv]") {
  const Folder folder;
  RunResult odd = result();
  odd.identity.scenario = "caf\xE9, \"x\".csv";
  odd.status_reason = "cut in the middle of \xE2\x82";
  {
    ResultsWriter writer(folder.path);
    writer.write(odd);
    writer.write_environment({{"command", "run --trace \xFF.csv"}});
  }
  CHECK(read_runs(folder.path / "runs.csv").size() == 1);
  CHECK_THAT(content(folder.path / "runs.csv"), Catch::Contains("\"caf\xEF\xBF\xBD, \"\"x\"\".csv\"") &&
                                                    Catch::Contains("middle of \xEF\xBF\xBD\xEF\xBF\xBD,"));
  CHECK_THAT(content(folder.path / "environment.csv"),
             Catch::Contains("command,run --trace \xEF\xBF\xBD.csv\n"));
  CsvText exact;
  exact.exactly("caf\xE9,").cell("b");
  CHECK(exact.text() == "\"caf\xE9,\",b");
}

TEST_CASE("of two programs that begin one file the second finds the first one's header", "[reports][csv]") {
  const Folder folder;
  const fs::path file = folder.path / "rows.csv";
  const int first = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  REQUIRE(::flock(first, LOCK_EX) == 0);
  int done[2];
  REQUIRE(::pipe(done) == 0);
  const pid_t second = ::fork();
  if (second == 0) {
    // Nothing of the test's may run in the child, whose end the pipe tells.
    ::close(done[0]);
    ::close(first);  // the parent's lock is this descriptor's too
    bool refused = false;
    try {
      CsvFile(file, "a,b\n").append("3,4\n");
    } catch (const OutputError&) {
      refused = true;
    }
    ::_exit(refused ? 1 : 0);
  }
  ::close(done[1]);
  pollfd over{.fd = done[0], .events = POLLIN, .revents = 0};
  CHECK(::poll(&over, 1, 50) == 0);  // it waits
  const std::string text = "a,b\n1,2\n";
  REQUIRE(::write(first, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  ::close(first);
  int status = -1;
  REQUIRE(::waitpid(second, &status, 0) == second);
  ::close(done[0]);
  CHECK(status == 0);
  CHECK(content(file) == "a,b\n1,2\n3,4\n");
}

TEST_CASE("every row has a cell for every column", "[reports][csv]") {
  const Folder folder;
  ResultsWriter(folder.path).write(result());
  for (const auto& [name, columns] :
       {std::pair{"latency.csv", latency_columns()}, std::pair{"intervals.csv", intervals_columns()}}) {
    std::istringstream lines(content(folder.path / name));
    for (std::string line; std::getline(lines, line);) {
      CHECK(static_cast<std::size_t>(std::count(line.begin(), line.end(), ',')) + 1 == columns.size());
    }
  }
}

TEST_CASE("every prefix of a file is refused or is a whole file", "[reports][csv]") {
  const Folder folder;
  RunResult run = result();
  run.identity.strategy = "a/b";
  ResultsWriter(folder.path).write(run);
  const fs::path file = folder.path / "runs.csv";
  const std::string whole = content(file);
  const fs::path cut = folder.path / "cut.csv";
  std::size_t accepted = 0;
  for (std::size_t length = 0; length <= whole.size(); ++length) {
    put(cut, whole.substr(0, length));
    try {
      const auto rows = read_runs(cut);
      CHECK(whole[length - 1] == '\n');
      ++accepted;
    } catch (const CsvError& error) {
      CHECK(std::string(error.what()).rfind(cut.string() + ":", 0) == 0);
    }
  }
  CHECK(accepted == 2);  // the header alone, and all of it
}

TEST_CASE("damaged cells are refused with file and line", "[reports][csv]") {
  const Folder folder;
  RunResult run = result();
  run.identity.strategy = "a/b";
  ResultsWriter(folder.path).write(run);
  const fs::path file = folder.path / "runs.csv";
  const std::string whole = content(file);
  for (const char* bad : {"nan", "inf", "1e999", "", "12x"}) {
    std::string damaged = whole;
    damaged.replace(damaged.find("1234.5"), 6, bad);
    put(file, damaged);
    CHECK_THROWS_WITH(read_runs(file), Catch::StartsWith(file.string() + ":2: achieved_ops_s"));
  }
  std::string nul = whole;
  nul[whole.size() / 2] = '\0';
  put(file, nul);
  CHECK_THROWS_AS(read_runs(file), CsvError);
  put(file, "schema_version,run_id\n1,x\n");
  CHECK_THROWS_AS(read_runs(file), CsvError);
}

TEST_CASE("a trial that stands there twice is refused", "[reports][csv]") {
  const Folder folder;
  ResultsWriter writer(folder.path);
  writer.write(result());
  writer.write(result());
  CHECK_THROWS_WITH(read_runs(folder.path / "runs.csv"),
                    Catch::EndsWith(":3: op all of trial 0 of run r1 stands here for the second time"));
}

TEST_CASE("a folder that cannot be written is an error that names it", "[reports][csv]") {
  const Folder folder;
  put(folder.path / "file", "x");
  CHECK_THROWS_WITH(ResultsWriter(folder.path / "file"), Catch::Contains((folder.path / "file").string()));
  CHECK_THROWS_AS(ResultsWriter("/proc/crosstalk"), OutputError);
  put(folder.path / "runs.csv", "other,columns\n");
  CHECK_THROWS_WITH(ResultsWriter(folder.path), Catch::Contains("other columns"));
}

TEST_CASE("a file whose last line is cut off is not continued", "[reports][csv]") {
  const Folder folder;
  const std::string torn = header_of(runs_columns()) + "1,r";
  put(folder.path / "runs.csv", torn);
  CHECK_THROWS_WITH(ResultsWriter(folder.path), Catch::Contains("runs.csv: the last line is cut off"));
  CHECK(content(folder.path / "runs.csv") == torn);
}

TEST_CASE("a full disk leaves complete rows only", "[reports][csv]") {
  const Folder folder;
  ResultsWriter writer(folder.path);
  writer.write(result());
  const std::string before = content(folder.path / "runs.csv");
  // A limit on the file size stands in for a full disk: the last bytes of a row no longer fit.
  {
    const FileSizeLimit limit(before.size() + 100);
    CHECK_THROWS_AS(writer.write(result()), OutputError);
  }
  CHECK(content(folder.path / "runs.csv") == before);
}

}  // namespace
}  // namespace crosstalk::reports
