// Instructions an operation, counted by callgrind: exact to a few parts in ten thousand, so they show what no clock can.
//
// What is counted is the difference of two runs of one driver, of N and of 2 N operations of the same trace: start, prefill and
// check cancel. One driver on the direct path, no clock readings, no checks, address randomisation off. Threads that wait for
// each other are not counted, for valgrind lets only one run at a time, and spinning would be counted as work.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace crosstalk::harness::gate {

// Instructions by function, those of callees left out.
using FunctionCounts = std::map<std::string, std::int64_t>;

// Of a file that callgrind wrote. Throws GateStop(8) naming the file and line if it is none.
[[nodiscard]] FunctionCounts read_callgrind(const std::filesystem::path& file);
[[nodiscard]] FunctionCounts parse_callgrind(const std::string& name, std::string_view text);

// Per operation; parts of a function's name that say nothing are cut off.
using InstructionCounts = std::map<std::string, double>;
[[nodiscard]] InstructionCounts per_operation(const FunctionCounts& few, const FunctionCounts& many,
                                              std::uint64_t operations);
[[nodiscard]] double total(const InstructionCounts& counts);

struct GrownFunction {
  std::string name;
  double base = 0, head = 0;  // instructions an operation
};

struct InstructionChange {
  double base = 0, head = 0;           // instructions an operation
  std::vector<GrownFunction> grown{};  // those that account for the growth, the largest first, at most five

  // Of a growth of one in a hundred, functions are named that make up a tenth.
  static constexpr double kNamed = 0.001;
  [[nodiscard]] double change() const noexcept { return base > 0 ? head / base - 1 : 0; }
};

[[nodiscard]] InstructionChange compared(const InstructionCounts& base, const InstructionCounts& head);

}  // namespace crosstalk::harness::gate
