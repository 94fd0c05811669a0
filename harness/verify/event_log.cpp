#include "harness/verify/event_log.h"

#include <algorithm>
#include <limits>

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

}  // namespace

std::vector<Event> EventLog::events(unsigned thread) const {
  std::vector<Event> all;
  const std::uint64_t end = count();
  const std::uint64_t first = end > slots_.size() ? end - slots_.size() : 0;
  for (std::uint64_t i = first; i < end; ++i) {
    const Slot& slot = slots_[i % slots_.size()];
    all.push_back({.call = get(slot.call),
                   .ret = get(slot.ret),
                   .what = get(slot.what),
                   .key = get(slot.key),
                   .argument = get(slot.argument),
                   .result = get(slot.result),
                   .thread = thread});
  }
  return all;
}

std::string columns_of(std::vector<Event> events, unsigned threads, std::size_t most) {
  std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) { return a.call < b.call; });
  if (events.size() > most) events.erase(events.begin(), events.end() - static_cast<std::ptrdiff_t>(most));
  if (events.empty()) return {};
  constexpr unsigned kColumns = 4;
  std::vector<unsigned> shown;
  for (const Event& event : events) {
    if (std::find(shown.begin(), shown.end(), event.thread) == shown.end() &&
        shown.size() < std::min(threads, kColumns)) {
      shown.push_back(event.thread);
    }
  }
  std::sort(shown.begin(), shown.end());
  std::size_t width = 10;
  for (const Event& event : events) width = std::max(width, cell_of(event).size() + 2);
  std::string text = padded("from", 10) + padded("to", 10);
  for (const unsigned thread : shown) text += padded("thread " + std::to_string(thread), width);
  text += '\n';
  for (const Event& event : events) {
    const auto column = std::find(shown.begin(), shown.end(), event.thread);
    if (column == shown.end()) continue;
    text += padded(std::to_string(event.call - events.front().call), 10);
    text += padded(event.ret == 0 ? "-" : std::to_string(event.ret - events.front().call), 10);
    text.append(width * static_cast<std::size_t>(column - shown.begin()), ' ')
        .append(cell_of(event))
        .append("\n");
  }
  return text;
}

}  // namespace crosstalk::harness::verify
