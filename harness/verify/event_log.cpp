#include "harness/verify/event_log.h"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <set>
#include <utility>

namespace crosstalk::harness::verify {

namespace {

std::string cell_of(const Event& event) {
  std::string text = event.what;
  text.append("(");
  if (event.key != 0 || event.argument != 0) text.append(std::to_string(event.key));
  if (event.argument != 0) text.append(", ").append(std::to_string(event.argument));
  text.append(")");
  if (event.ret == 0) return text.append(" ...");
  return event.result == std::numeric_limits<std::int64_t>::min() + 1
             ? text.append(" = none")
             : text.append(" = ").append(std::to_string(event.result));
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

constexpr std::size_t kTraceWidth = 76;  // of a page, but for its margin

// The last of each thread, whose operation may be long ago if it waits in it, and of the others the latest.
std::vector<Event> latest(std::vector<Event> events, std::size_t most) {
  std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) { return a.call > b.call; });
  std::set<unsigned> seen;
  std::vector<Event> chosen;
  std::vector<Event> others;
  for (const Event& event : events) (seen.insert(event.thread).second ? chosen : others).push_back(event);
  chosen.insert(chosen.end(), others.begin(), others.end());
  if (chosen.size() > most) chosen.resize(most);
  events = std::move(chosen);
  std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) { return a.call < b.call; });
  return events;
}

struct Line {
  std::string from;
  std::string to;
  std::string what;
  unsigned thread;
};

std::string table_of(const std::vector<Line>& lines, const std::vector<std::size_t>& widths,
                     const std::map<unsigned, std::size_t>& columns) {
  std::string text = padded("from", widths[0]) + padded("to", widths[1]);
  for (const auto& [thread, column] : columns)
    text += padded("thread " + std::to_string(thread), widths[column]);
  text.erase(text.find_last_not_of(' ') + 1);
  text += '\n';
  for (const Line& line : lines) {
    text += padded(line.from, widths[0]) + padded(line.to, widths[1]);
    for (std::size_t i = 2; i < columns.at(line.thread); ++i) text.append(widths[i], ' ');
    text.append(line.what).append("\n");
  }
  return text;
}

std::string list_of(const std::vector<Line>& lines, const std::vector<std::size_t>& widths) {
  constexpr std::size_t kThread = 8;
  std::string text =
      padded("from", widths[0]) + padded("to", widths[1]) + padded("thread", kThread) + "operation\n";
  const std::size_t left = kTraceWidth - std::min(kTraceWidth, widths[0] + widths[1] + kThread);
  for (const Line& line : lines) {
    text += padded(line.from, widths[0]) + padded(line.to, widths[1]) +
            padded(std::to_string(line.thread), kThread);
    text.append(line.what, 0, left).append("\n");
  }
  return text;
}

}  // namespace

std::string columns_of(std::vector<Event> events, std::size_t most) {
  events = latest(std::move(events), most);
  if (events.empty()) return {};
  std::vector<Line> lines;
  std::map<unsigned, std::size_t> columns;  // of a thread
  for (const Event& event : events) {
    columns.emplace(event.thread, 0);
    lines.push_back({std::to_string(event.call - events.front().call),
                     event.ret == 0 ? "-" : std::to_string(event.ret - events.front().call), cell_of(event),
                     event.thread});
  }
  std::vector<std::size_t> widths(2 + columns.size(), 10);
  for (std::size_t next = 2; auto& [thread, column] : columns) column = next++;
  for (const Line& line : lines) {
    const std::size_t column = columns[line.thread];
    widths[0] = std::max(widths[0], line.from.size() + 2);
    widths[1] = std::max(widths[1], line.to.size() + 2);
    widths[column] = std::max(widths[column], line.what.size() + 2);
  }
  // The last column needs no margin.
  const std::size_t width = std::accumulate(widths.begin(), widths.end(), std::size_t{0}) - 2;
  return width <= kTraceWidth ? table_of(lines, widths, columns) : list_of(lines, widths);
}

}  // namespace crosstalk::harness::verify
