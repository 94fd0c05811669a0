#include "harness/program_call.h"

#include <catch2/catch.hpp>

#include <csignal>

#include "harness/command_line_test_support.h"
#include "reports/csv_writer.h"
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

TEST_CASE("what cannot be started or written is an error", "[harness][program_call]") {
  const TestFolder folder;
  CHECK_THROWS_AS(call_program("/nowhere/at/all", {}, folder.put("log.txt", "")), workloads::InputError);
  CHECK_THROWS_AS(call_program("/bin/true", {}, "/nowhere/log.txt"), reports::OutputError);
}

}  // namespace
}  // namespace crosstalk::harness
