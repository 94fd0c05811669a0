#include "harness/verify/counter_monitor.h"

#include <algorithm>

namespace crosstalk::harness::verify {

std::string check_counter_values(std::vector<Event> events, std::uint64_t skew_ticks) {
  std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) { return a.result < b.result; });
  for (std::size_t i = 0; i < events.size(); ++i) {
    const auto value = static_cast<std::int64_t>(i) + 1;
    if (events[i].result == value) continue;
    return events[i].result < value ? "two increments returned " + std::to_string(events[i].result)
                                    : "no increment returned " + std::to_string(value);
  }
  // From the greatest value down: the earliest return of any greater value.
  std::uint64_t earliest = ~std::uint64_t{0};
  for (auto event = events.rbegin(); event != events.rend(); ++event) {
    if (earliest != ~std::uint64_t{0} && earliest + 2 * skew_ticks < event->call) {
      return "the increment to " + std::to_string(event->result) +
             " was called after one to more had returned";
    }
    earliest = std::min(earliest, event->ret);
  }
  return {};
}

}  // namespace crosstalk::harness::verify
