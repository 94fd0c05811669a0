#include "reports/append_file.h"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reports/csv_table.h"
#include "reports/file_size_limit.h"
#include "reports/results_test_help.h"

namespace crosstalk::reports {
namespace {

TEST_CASE("a file grows by what is appended, and goes on where it ended", "[reports][append_file]") {
  for (const AppendMode mode : {AppendMode::plain, AppendMode::shared}) {
    const ResultsFolder folder;
    const auto path = folder.path / "rows.csv";
    {
      AppendFile file(path, mode);
      CHECK(file.empty());
      CHECK_FALSE(file.ends_with_newline());
      file.append("a,b\n");
      CHECK_FALSE(file.empty());
    }
    AppendFile file(path, mode);
    CHECK(file.begins_with("a,b\n"));
    CHECK_FALSE(file.begins_with("a,c\n"));
    CHECK_FALSE(file.begins_with("a,b\nlonger than the file\n"));
    CHECK(file.ends_with_newline());
    file.append("1,");
    CHECK_FALSE(file.ends_with_newline());
    CHECK(bytes_of(path) == "a,b\n1,");
  }
}

TEST_CASE("what does not fit leaves nothing behind, and what fits later is there", "[reports][append_file]") {
  for (const AppendMode mode : {AppendMode::plain, AppendMode::shared}) {
    const ResultsFolder folder;
    const auto path = folder.path / "rows.csv";
    AppendFile file(path, mode);
    file.append("first\n");
    {
      const FileSizeLimit limit(8);
      CHECK_THROWS_WITH(file.append("too long\n"), path.string() + ": File too large");
    }
    CHECK(bytes_of(path) == "first\n");
    file.append("last\n");
    CHECK(bytes_of(path) == "first\nlast\n");
  }
}

TEST_CASE("a shared file is locked as long as it is open", "[reports][append_file]") {
  const ResultsFolder folder;
  const auto path = folder.path / "rows.csv";
  const auto is_locked = [&] {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    const bool taken = ::flock(descriptor, LOCK_EX | LOCK_NB) != 0;
    ::close(descriptor);
    return taken;
  };
  {
    const AppendFile file(path, AppendMode::shared);
    CHECK(is_locked());
  }
  CHECK_FALSE(is_locked());
  const AppendFile file(path, AppendMode::plain);
  CHECK_FALSE(is_locked());
}

TEST_CASE("in a turn others wait, and only then", "[reports][append_file]") {
  const ResultsFolder folder;
  const auto path = folder.path / "rows.csv";
  const int other = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  const auto is_locked = [other] {
    const bool taken = ::flock(other, LOCK_EX | LOCK_NB) != 0;
    if (!taken) ::flock(other, LOCK_UN);
    return taken;
  };
  AppendFile file(path, AppendMode::plain);
  {
    const AppendFile::Turn turn(file);
    CHECK(is_locked());
    file.append("a row\n");  // a turn within the turn
    CHECK(is_locked());
  }
  CHECK_FALSE(is_locked());
  file.append("another\n");
  CHECK_FALSE(is_locked());
  ::close(other);
  AppendFile shared(path, AppendMode::shared);
  { const AppendFile::Turn turn(shared); }
  const int late = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  CHECK(::flock(late, LOCK_EX | LOCK_NB) != 0);  // the turn was no reason to let go
  ::close(late);
}

TEST_CASE("what cannot be opened or locked is refused by name", "[reports][append_file]") {
  CHECK_THROWS_WITH(AppendFile("/nowhere/rows.csv", AppendMode::plain),
                    "/nowhere/rows.csv: No such file or directory");
  CHECK_THROWS_WITH(AppendFile("/dev/null", AppendMode::shared),
                    "/dev/null: is not a file that can be appended to");
  CHECK_THROWS_WITH(AppendFile("/dev/full", AppendMode::plain).append("x"),
                    Catch::StartsWith("/dev/full: No space left"));
}

TEST_CASE("a pipe takes what is appended and is always empty", "[reports][append_file]") {
  const ResultsFolder folder;
  const auto path = folder.path / "pipe";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  AppendFile file(path, AppendMode::plain);
  CHECK(file.empty());
  file.append("a row\n");
  CHECK(file.empty());
}

}  // namespace
}  // namespace crosstalk::reports
