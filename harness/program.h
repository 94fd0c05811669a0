// The program: which command is meant, and what its end says to the caller.
#pragma once

#include <string>
#include <vector>

#include "harness/catalog.h"
#include "harness/flags.h"
#include "harness/streams.h"

namespace crosstalk::harness {

// The exit codes that do not come from a command's own verdict.
enum ExitCode : int {
  kExitOk = 0,
  kExitUsage = 2,          // usage, configuration or an input file
  kExitBroken = 3,         // a plugged-in strategy breaks its contract
  kExitUnusable = 4,       // a build that must not be measured
  kExitNotComparable = 6,  // folders that must not be merged
  kExitOutput = 7,         // results could not be written
  kExitCrashed = 8,        // the program ran out of memory, or met what it did not expect
};

// Runs one command line, of which argv[0] is the program's name. Never throws: an error becomes one line on
// `err`, and its code. UsageError, workloads::InputError and reports::CsvError: 2; UnfitBuild: 4;
// reports::NotComparable: 6; reports::OutputError: 7; anything else: 8.
[[nodiscard]] int run_program(const Catalog& catalog, int argc, const char* const* argv,
                              Streams streams) noexcept;

// The same with the environment as a value.
[[nodiscard]] int run_program(const Catalog& catalog, const std::vector<std::string>& arguments,
                              const Environment& environment, Streams streams) noexcept;

}  // namespace crosstalk::harness
