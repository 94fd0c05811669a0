#include "harness/program_call.h"

#include <sched.h>

#include <catch2/catch.hpp>

#include <csignal>
#include <cstdlib>

#include "harness/command_line_test_support.h"
#include "harness/placement.h"
#include "reports/output_error.h"
#include "workloads/input_error.h"

namespace crosstalk::harness {
namespace {

TEST_CASE("a program's output, last words and exit code come back", "[harness][program_call]") {
  const TestFolder folder;
  const std::string log = folder.put("log.txt", "before\n");
  const ProgramEnd end =
      call_program("/bin/sh", {"-c", "echo data; echo one >&2; echo 'two three' >&2; exit 5"}, log);
  CHECK(end.exit_code == 5);
  CHECK(end.signal == 0);
  CHECK(end.out == "data\n");
  CHECK(end.last_line == "two three");
  CHECK(end.messages == "one\n");
  CHECK(end.told() == "exit code 5: two three");
  CHECK(call_program("/bin/sh", {"-c", "true"}, log).last_line.empty());  // not what an earlier call said
}

TEST_CASE("a program that is killed says by what", "[harness][program_call]") {
  const TestFolder folder;
  const ProgramEnd end = call_program("/bin/sh", {"-c", "kill -9 $$"}, folder.put("log.txt", ""));
  CHECK(end.signal == SIGKILL);
  CHECK(end.told() == "killed by signal 9");
}

TEST_CASE("much output blocks nobody", "[harness][program_call]") {
  const TestFolder folder;
  const ProgramEnd end =
      call_program("/bin/sh", {"-c", "head -c 300000 /dev/zero"}, folder.put("log.txt", ""));
  CHECK(end.exit_code == 0);
  CHECK(end.out.size() >= 64 * 1024);
  CHECK(end.out.size() < 100'000);
}

TEST_CASE("a program gets variables and processors beside the caller's own", "[harness][program_call]") {
  const TestFolder folder;
  const std::string log = folder.put("log.txt", "");
  const auto said = [&](const std::string& script, const ProgramSetting& setting) {
    return call_program("/bin/sh", {"-c", script}, log, setting).out;
  };
  const std::string all = said("nproc", {});
  CHECK(said("echo $SOMETHING $PATH", {.environment = {"SOMETHING=more"}}) ==
        "more " + std::string(std::getenv("PATH")) + "\n");
  const int first = usable_processors().front().cpu;
  CHECK(said("nproc", {.cpus = {first}}) == "1\n");
  CHECK(said("nproc", {}) == all);  // the caller has its own again
}

TEST_CASE("a program may have its memory in the same place every time", "[harness][program_call]") {
  const TestFolder folder;
  const std::string log = folder.put("log.txt", "");
  const auto flags_of = [&](bool fixed) {
    return call_program("/bin/sh", {"-c", "cat /proc/self/personality"}, log, {.fixed_addresses = fixed}).out;
  };
  const std::string before = flags_of(false);
  const std::string fixed = flags_of(true);
  CHECK((fixed == before || (std::stoul(fixed, nullptr, 16) & 0x40000U) != 0));  // a container may forbid it
  CHECK(flags_of(false) == before);
}

TEST_CASE("a program that hangs is killed, and told so", "[harness][program_call]") {
  const TestFolder folder;
  const ProgramEnd end = call_program("/bin/sh", {"-c", "exec sleep 1000"}, folder.put("log.txt", ""),
                                      {.longest_ns = 1'000'000});
  CHECK(end.timed_out);
  CHECK(end.told() == "hung, and was killed");
}

// The trial of a program that hangs is a child of it, and would go on for ever.
TEST_CASE("the children of a program that hangs are killed with it", "[harness][program_call]") {
  const TestFolder folder;
  const std::string child = (folder.path / "child").string();
  const ProgramEnd end = call_program("/bin/sh", {"-c", "sleep 1000 & echo $! > '" + child + "'; wait"},
                                      folder.put("log.txt", ""), {.longest_ns = 3'000'000'000});
  CHECK(end.timed_out);
  const std::string number = content_of(child);
  REQUIRE_FALSE(number.empty());
  // It may be a zombie until init has seen it. If it lived on this would not end.
  const std::string stat = "/proc/" + std::to_string(std::stoi(number)) + "/stat";
  const auto lives = [&] {
    const std::string state = content_of(stat);
    return !state.empty() && state.find(") Z ") == std::string::npos &&
           state.find(") X ") == std::string::npos;
  };
  while (lives()) sched_yield();
}

TEST_CASE("what cannot be started or written is an error", "[harness][program_call]") {
  const TestFolder folder;
  CHECK_THROWS_AS(call_program("/nowhere/at/all", {}, folder.put("log.txt", "")), workloads::InputError);
  CHECK_THROWS_AS(call_program("/bin/true", {}, "/nowhere/log.txt"), reports::OutputError);
}

}  // namespace
}  // namespace crosstalk::harness
