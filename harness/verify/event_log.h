// What one thread did, operation by operation: the raw material of histories and of the trace under a finding.
//
// One thread writes; when something is found, another one reads while it goes on writing, and may then see an event half written,
// which a trace survives.
#pragma once

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

class EventLog {
 public:
  explicit EventLog(std::size_t capacity = 0) : slots_(capacity) {}

  void begin(std::uint64_t now, const char* what, std::uint64_t key, std::int64_t argument) noexcept {
    Slot& slot = at(count());
    put(slot.call, now);
    put(slot.ret, std::uint64_t{0});
    put(slot.what, what);
    put(slot.key, key);
    put(slot.argument, argument);
    put(slot.result, std::int64_t{0});
    put(count_, count() + 1);
  }
  void end(std::uint64_t now, std::int64_t result) noexcept {
    Slot& slot = at(count() - 1);
    put(slot.result, result);
    put(slot.ret, now);
  }
  void clear() noexcept { put(count_, std::uint64_t{0}); }
  // All but those that were overwritten, oldest first.
  [[nodiscard]] std::vector<Event> events(unsigned thread) const;
  [[nodiscard]] std::uint64_t count() const noexcept { return get(count_); }
  [[nodiscard]] bool complete() const noexcept { return count() <= slots_.size(); }

 private:
  struct Slot {
    std::atomic<std::uint64_t> call{0}, ret{0};
    std::atomic<const char*> what{""};
    std::atomic<std::uint64_t> key{0};
    std::atomic<std::int64_t> argument{0}, result{0};
  };
  // relaxed (both): see the head of the file; nothing here may order what is observed.
  template <class T>
  static T get(const std::atomic<T>& word) noexcept {
    return word.load(std::memory_order_relaxed);
  }
  template <class T>
  static void put(std::atomic<T>& word, T value) noexcept {
    word.store(value, std::memory_order_relaxed);
  }
  Slot& at(std::uint64_t index) noexcept { return slots_[index % slots_.size()]; }

  std::vector<Slot> slots_;
  std::atomic<std::uint64_t> count_{0};
};

// The last `most` events of several threads as a table: a column a thread, times in ticks since the first that is shown.
[[nodiscard]] std::string columns_of(std::vector<Event> events, unsigned threads, std::size_t most);

}  // namespace crosstalk::harness::verify
