// Calls another program and waits for it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace crosstalk::harness {

struct ProgramEnd {
  int exit_code = 0;      // where it ended by itself
  int signal = 0;         // that killed it; 0: none
  std::string out;        // its standard output, at most 64 KiB
  std::string last_line;  // of its standard error
  std::string messages;   // its standard error before that line, the last 64 KiB

  // "exit code 2: --clients: must be ...", "killed by signal 11"
  [[nodiscard]] std::string told() const;
};

// Standard error is appended to `log`, beside the results; standard input is empty. The environment is the caller's.
// Throws workloads::InputError if the program cannot be started, reports::OutputError if the log cannot be written.
[[nodiscard]] ProgramEnd call_program(const std::filesystem::path& program,
                                      const std::vector<std::string>& arguments,
                                      const std::filesystem::path& log);

}  // namespace crosstalk::harness
