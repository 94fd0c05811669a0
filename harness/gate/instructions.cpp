#include "harness/gate/instructions.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <set>

#include "harness/gate/gate_stop.h"

namespace crosstalk::harness::gate {

namespace {

constexpr std::size_t kShownFunctions = 5;

// Names are compressed: "(7) name" defines 7, "(7)" repeats it.
class Names {
 public:
  const std::string& resolve(std::string_view text) {
    const auto close = text.find(')');
    if (!text.starts_with('(') || close == std::string_view::npos) return known_[std::string(text)] = text;
    std::string& name = known_[std::string(text.substr(0, close + 1))];
    if (close + 2 < text.size()) name = text.substr(close + 2);
    return name;
  }

 private:
  std::map<std::string, std::string> known_;
};

// A line of cost: a position, which may be relative (+3, -2, *) or of the form 0x..., then the counts.
std::int64_t cost_of(std::string_view line, const std::string& place) {
  const auto blank = line.find(' ');
  if (blank == std::string_view::npos) return 0;  // trailing zeros are left out
  line.remove_prefix(blank + 1);
  std::int64_t cost = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), cost);
  if (error != std::errc()) throw GateStop(8, place + ": this is no file of callgrind's");
  static_cast<void>(end);
  return cost;
}

bool is_cost(std::string_view line) {
  return (line.front() >= '0' && line.front() <= '9') || line.front() == '+' || line.front() == '-' ||
         line.front() == '*';
}

std::string_view next_line(std::string_view& text) {
  const auto end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

}  // namespace

FunctionCounts parse_callgrind(const std::string& name, std::string_view text) {
  FunctionCounts counts;
  Names names;
  std::int64_t* current = nullptr;
  bool has_events = false;
  bool of_call = false;  // the line behind calls= has the inclusive cost of the callee
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = next_line(text);
    const std::string place = name + ":" + std::to_string(number);
    if (line.empty()) continue;
    if (line.starts_with("events: ")) {
      if (!line.starts_with("events: Ir")) throw GateStop(8, place + ": the first event must be Ir");
      has_events = true;
    } else if (line.starts_with("fn=")) {
      current = &counts[names.resolve(line.substr(3))];
    } else if (line.starts_with("cfn=")) {
      names.resolve(line.substr(4));
    } else if (line.starts_with("calls=")) {
      of_call = true;
    } else if (is_cost(line)) {
      if (current == nullptr) throw GateStop(8, place + ": this is no file of callgrind's");
      if (!of_call) *current += cost_of(line, place);
      of_call = false;
    }
  }
  if (!has_events) throw GateStop(8, name + ": this is no file of callgrind's");
  return counts;
}

FunctionCounts read_callgrind(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in) throw GateStop(8, file.string() + ": cannot be read");
  return parse_callgrind(file.string(), text);
}

InstructionCounts per_operation(const FunctionCounts& few, const FunctionCounts& many,
                                std::uint64_t operations) {
  InstructionCounts counts;
  for (const auto& [name, cost] : many) counts[name] += static_cast<double>(cost);
  for (const auto& [name, cost] : few) counts[name] -= static_cast<double>(cost);
  for (auto& [name, cost] : counts) cost /= static_cast<double>(operations);
  return counts;
}

double total(const InstructionCounts& counts) {
  double sum = 0;
  for (const auto& [name, cost] : counts) sum += cost;
  return sum;
}

InstructionChange compared(const InstructionCounts& base, const InstructionCounts& head) {
  InstructionChange change{.base = total(base), .head = total(head)};
  std::set<std::string> names;
  for (const auto& [name, cost] : base) names.insert(name);
  for (const auto& [name, cost] : head) names.insert(name);
  const auto of = [](const InstructionCounts& counts, const std::string& name) {
    const auto found = counts.find(name);
    return found == counts.end() ? 0.0 : found->second;
  };
  for (const std::string& name : names) {
    const GrownFunction function{name, of(base, name), of(head, name)};
    if (function.head - function.base > InstructionChange::kNamed * change.base)
      change.grown.push_back(function);
  }
  std::sort(change.grown.begin(), change.grown.end(),
            [](const GrownFunction& a, const GrownFunction& b) { return a.head - a.base > b.head - b.base; });
  if (change.grown.size() > kShownFunctions) change.grown.resize(kShownFunctions);
  return change;
}

}  // namespace crosstalk::harness::gate
