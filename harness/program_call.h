// Calls another program and waits for it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace crosstalk::harness {

struct ProgramEnd {
  int process = 0;         // that it was
  int exit_code = 0;       // where it ended by itself
  int signal = 0;          // that killed it; 0: none
  bool timed_out = false;  // it was we who killed it
  std::string out;         // its standard output, at most 64 KiB
  std::string last_line;   // of its standard error
  std::string messages;    // its standard error before that line, the last 64 KiB

  // "exit code 2: --clients: must be ...", "killed by signal 11", "hung, and was killed"
  [[nodiscard]] std::string told() const;
};

struct ProgramSetting {
  std::vector<std::string> environment{};  // "NAME=value", beside the caller's
  std::vector<int>
      cpus{};  // that it may use; empty: those of the caller. What the kernel refuses is passed over
  std::uint64_t longest_ns = 0;  // then it is killed, and its children with it; 0: it may take for ever
  bool fixed_addresses = false;  // the same in every run, where the kernel allows that
};

// Standard error is appended to `log`, beside the results; standard input is empty. For one thread at a time: the caller
// has the processors of the program while that starts.
// Throws workloads::InputError if the program cannot be started, reports::OutputError if the log cannot be written.
[[nodiscard]] ProgramEnd call_program(const std::filesystem::path& program,
                                      const std::vector<std::string>& arguments,
                                      const std::filesystem::path& log, const ProgramSetting& setting = {});

}  // namespace crosstalk::harness
