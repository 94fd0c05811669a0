// run_main() owns the process's streams, so each of these tests gives it a process of its own.
#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "harness/command_line_test_support.h"
#include "harness/crosstalk.h"

namespace crosstalk::harness {
namespace {

// The exit code of run_main() in a child whose streams `prepare` has changed; what it printed on standard
// error is in `messages`, in the folder.
int code_of(std::vector<std::string> arguments, const TestFolder& folder,
            const std::function<void()>& prepare) {
  const std::string messages = folder.put("messages", "");
  std::fflush(
      nullptr);  // what waits to be printed is not the child's; a sanitizer flushes it at the child's end
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::dup2(::open(messages.c_str(), O_WRONLY), STDERR_FILENO);
    prepare();
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    ::_exit(run_main(static_cast<int>(arguments.size()), argv.data(), fake_catalog()));
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

const std::vector<std::string> kList{"crosstalk", "list", "--pools", "--format", "csv"};

TEST_CASE("data goes to standard output, messages to standard error", "[harness][program]") {
  const TestFolder folder;
  const std::string data = folder.put("data", "");
  const auto to_file = [&] { ::dup2(::open(data.c_str(), O_WRONLY), STDOUT_FILENO); };
  CHECK(code_of(kList, folder, to_file) == 0);
  CHECK_THAT(content_of(data), Catch::StartsWith("pool,description,remark\ncrosstalk,"));
  CHECK(content_of(folder.path / "messages").empty());
  folder.put("data", "");
  CHECK(code_of({"crosstalk", "lits"}, folder, to_file) == 2);
  CHECK(content_of(data).empty());
  CHECK_THAT(content_of(folder.path / "messages"), Catch::StartsWith("crosstalk: unknown command 'lits'"));
}

TEST_CASE("a full disk behind standard output is exit code 7", "[harness][program]") {
  const TestFolder folder;
  CHECK(code_of(kList, folder, [] { ::dup2(::open("/dev/full", O_WRONLY), STDOUT_FILENO); }) == 7);
  CHECK(content_of(folder.path / "messages") == "crosstalk: standard output: No space left on device\n");
}

TEST_CASE("a reader that goes away ends the output quietly", "[harness][program]") {
  const TestFolder folder;
  const auto to_broken_pipe = [] {
    int ends[2];
    if (::pipe(ends) != 0) ::_exit(99);
    ::dup2(ends[1], STDOUT_FILENO);
    ::close(ends[0]);
    ::close(ends[1]);
  };
  CHECK(code_of(kList, folder, to_broken_pipe) == 0);
  CHECK(content_of(folder.path / "messages").empty());
}

// With standard output closed, the first file that is opened gets its number, and what is printed would end
// up there.
TEST_CASE("a closed standard output is an error, and its number is given to no file", "[harness][program]") {
  const TestFolder folder;
  const std::string scenario = folder.put("s.ini", "rooms = 3\nlap_operations = 1000\n");
  const std::string out = (folder.path / "t.csv").string();
  const int code =
      code_of({"crosstalk", "trace", "--scenario", scenario, "--clients", "9", "--out", out, "--describe"},
              folder, [] { ::close(STDOUT_FILENO); });
  CHECK(code == 7);
  CHECK_THAT(content_of(folder.path / "messages"),
             Catch::EndsWith("crosstalk: standard output: Bad file descriptor\n"));
  CHECK_THAT(content_of(out), Catch::StartsWith("time_ms,") && !Catch::Contains("figure"));
}

TEST_CASE("an empty argument vector is a usage error", "[harness][program]") {
  const TestFolder folder;
  CHECK(code_of({}, folder, [] {}) == 2);
  CHECK_THAT(content_of(folder.path / "messages"), Catch::StartsWith("usage: crosstalk"));
}

}  // namespace
}  // namespace crosstalk::harness
