#include "harness/explore/trace_table.h"

#include <algorithm>
#include <unordered_map>

namespace crosstalk::harness::explore {

namespace {

constexpr int kLetters = 26;

class ObjectNames {
 public:
  const std::string& of(Address address) {
    std::string& name = names_[address];
    if (name.empty()) name = next();
    return name;
  }

 private:
  std::string next() {
    const int number = count_++;
    const std::string letter(1, static_cast<char>('a' + number % kLetters));
    return number < kLetters ? letter : letter + std::to_string(number / kLetters);
  }

  std::unordered_map<Address, std::string> names_;
  int count_ = 0;
};

std::string cell_of(const TraceEvent& event, ObjectNames& objects, const Places& places) {
  std::string cell = event.what;
  if (event.address != nullptr) cell += ' ' + objects.of(event.address);
  if (event.place != 0) cell += "  " + places.name(event.place, event.caller);
  return cell;
}

void trim_right(std::string& text) {
  text.erase(text.find_last_not_of(' ') + 1);
}

}  // namespace

std::string trace_table(const std::vector<TraceEvent>& trace, const Places& places, std::size_t rows) {
  ObjectNames objects;
  std::vector<std::string> cells;
  for (const TraceEvent& each : trace) cells.push_back(cell_of(each, objects, places));
  const std::size_t first = cells.size() > rows ? cells.size() - rows : 0;
  std::vector<std::size_t> widths(kMaxThreads, 0);
  for (std::size_t i = first; i < cells.size(); ++i) {
    std::size_t& width = widths[trace[i].thread];
    width = std::max(width, cells[i].size() + 2);
  }
  std::string table;
  for (int i = 0; i < kMaxThreads; ++i) {
    const std::size_t width = widths[static_cast<std::size_t>(i)];
    std::string head = width == 0 ? "" : "T" + std::to_string(i);
    if (width != 0) head.resize(std::max(width, head.size()), ' ');
    table += head;
  }
  trim_right(table);
  table += '\n';
  if (first != 0) table += "... " + std::to_string(first) + " steps before\n";
  for (std::size_t i = first; i < cells.size(); ++i) {
    std::size_t indent = 0;
    for (std::size_t k = 0; k < trace[i].thread; ++k) indent += widths[k];
    table += std::string(indent, ' ') + cells[i] + '\n';
  }
  return table;
}

}  // namespace crosstalk::harness::explore
