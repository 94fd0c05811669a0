// What one thread did, operation by operation: the raw material of histories and of the trace under a finding.
//
// One thread writes; when something is found, another one reads while it goes on writing, and may then see an event half written,
// which a trace survives.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace crosstalk::harness::verify {

// An operation with its interval. Times are ticks.
struct Event {
  std::uint64_t call = 0;
  std::uint64_t ret = 0;  // 0: has not returned
  const char* what = "";  // a literal
  std::uint64_t key = 0;
  std::int64_t argument = 0;
  std::int64_t result = 0;
  unsigned thread = 0;
};

// Where an event stands while it is written. relaxed (all): see the head of the file; nothing here may order what is observed.
struct EventSlot {
  std::atomic<std::uint64_t> call{0}, ret{0};
  std::atomic<const char*> what{""};
  std::atomic<std::uint64_t> key{0};
  std::atomic<std::int64_t> argument{0}, result{0};

  void begin(std::uint64_t now, const char* operation, std::uint64_t on, std::int64_t with) noexcept {
    put(call, now);
    put(ret, std::uint64_t{0});
    put(what, operation);
    put(key, on);
    put(argument, with);
    put(result, std::int64_t{0});
  }
  void end(std::uint64_t now, std::int64_t came_to) noexcept {
    put(result, came_to);
    put(ret, now);
  }
  [[nodiscard]] Event event(unsigned thread) const {
    return {.call = get(call),
            .ret = get(ret),
            .what = get(what),
            .key = get(key),
            .argument = get(argument),
            .result = get(result),
            .thread = thread};
  }
  template <class T>
  static T get(const std::atomic<T>& word) noexcept {
    return word.load(std::memory_order_relaxed);
  }
  template <class T>
  static void put(std::atomic<T>& word, T value) noexcept {
    word.store(value, std::memory_order_relaxed);
  }
};

// Events in slots that are used over and over: a vector of the process, or an array in memory that a parent can read.
template <class Slots>
class EventRing {
 public:
  EventRing() = default;
  explicit EventRing(std::size_t capacity) : slots_(capacity) {}

  void begin(std::uint64_t now, const char* what, std::uint64_t key, std::int64_t argument) noexcept {
    slots_[count() % slots_.size()].begin(now, what, key, argument);
    EventSlot::put(count_, count() + 1);
  }
  void end(std::uint64_t now, std::int64_t result) noexcept {
    slots_[(count() - 1) % slots_.size()].end(now, result);
  }
  void clear() noexcept { EventSlot::put(count_, std::uint64_t{0}); }
  // All but those that were overwritten, oldest first.
  [[nodiscard]] std::vector<Event> events(unsigned thread) const {
    std::vector<Event> all;
    const std::uint64_t end = count();
    for (std::uint64_t i = end > slots_.size() ? end - slots_.size() : 0; i < end; ++i)
      all.push_back(slots_[i % slots_.size()].event(thread));
    return all;
  }
  [[nodiscard]] std::uint64_t count() const noexcept { return EventSlot::get(count_); }
  [[nodiscard]] bool complete() const noexcept { return count() <= slots_.size(); }

 private:
  Slots slots_;
  std::atomic<std::uint64_t> count_{0};
};
using EventLog = EventRing<std::vector<EventSlot>>;

// The last `most` events of several threads, but at least the last one of each, as a table: a column a thread where 76 characters
// hold them, else a line an event that names its thread. Times are ticks since the first that is shown.
[[nodiscard]] std::string columns_of(std::vector<Event> events, std::size_t most);

}  // namespace crosstalk::harness::verify
