// Of the regression suite: what the language does behind the program's back while threads are switched: initialisation of statics,
// thread_local variables, exceptions, libraries.
#include <atomic>
#include <cstdint>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "harness/explore/scenario.h"
#include "harness/explore/suite_library.h"

namespace crosstalk::harness::explore {

// Visible to all, or a compiler sees that nobody else uses it, and takes its uses away.
extern int scratch_of_all;
int scratch_of_all = 0;

namespace {

enum class Way { faulty, repaired };

struct Table {
  std::vector<int> squares;
  Table() {
    for (int i = 0; i < 3; ++i) squares.push_back(i * i);
  }
};

// The flag is not released with what it promises.
const Table& table_by_hand() {
  static std::atomic<bool> made{false};
  static std::mutex mutex;
  alignas(Table) static unsigned char place[sizeof(Table)];
  static Table* table = nullptr;
  if (!made.load(std::memory_order_relaxed)) {
    const std::lock_guard locked(mutex);
    if (table == nullptr) table = new (place) Table;
    made.store(true, std::memory_order_relaxed);
  }
  return *table;
}

const Table& table_by_language() {
  static const Table table;
  return table;
}

template <Way way>
void look_up() {
  const auto look = [] {
    const Table& table = way == Way::faulty ? table_by_hand() : table_by_language();
    require(table.squares[2] == 4, "not yet made");
  };
  std::jthread first(look);
  std::jthread second(look);
}

std::vector<int> made_before_main(3, 7);

thread_local int scratch_of_each = 0;

template <Way way>
void use_scratch() {
  require(made_before_main.size() == 3 && made_before_main[0] == 7, "left over");
  std::atomic<int> turns{0};
  const auto use = [&](int value) {
    int& scratch = way == Way::faulty ? scratch_of_all : scratch_of_each;
    scratch = value;
    turns.fetch_add(1, std::memory_order_relaxed);
    require(scratch == value, "another's");
  };
  std::jthread first(use, 1);
  std::jthread second(use, 2);
}

// What throws while a lock is held leaves it locked.
template <Way way>
void throw_while_locked() {
  std::mutex mutex;
  const auto work = [&mutex](const std::string& text) {
    try {
      std::unique_lock locked(mutex);
      if constexpr (way == Way::faulty) locked.release();
      throw std::runtime_error(text);
    } catch (const std::runtime_error& error) {
      std::this_thread::yield();
      require(error.what() == text, "another's exception");
    }
  };
  std::jthread first(work, "one");
  std::jthread second(work, "two");
}

// The exception is thrown in one thread and once more in another, while a third has one of its own.
template <Way way>
void hand_an_exception_over() {
  std::exception_ptr caught;
  std::atomic<bool> ready{false};
  constexpr auto order = way == Way::faulty ? std::memory_order_relaxed : std::memory_order_release;
  std::jthread throws([&] {
    try {
      throw std::runtime_error("handed over");
    } catch (...) {
      caught = std::current_exception();
      ready.store(true, order);
    }
  });
  std::jthread others([&] {
    try {
      throw 1;
    } catch (int one) {
      ready.load();
      require(one == 1, "another's exception");
    }
  });
  if (!ready.load(std::memory_order_acquire)) return;
  try {
    std::rethrow_exception(caught);
  } catch (const std::runtime_error& error) {
    require(std::string(error.what()) == "handed over", "another's exception");
  }
}

// The library's counter is not put back between executions: hence a process for each.
template <Way way>
void count_in_library() {
  {
    const auto add = [] { way == Way::faulty ? add_in_library_unlocked() : add_in_library_locked(); };
    std::jthread first(add);
    std::jthread second(add);
  }
  require(count_of_library() == 2, "an increment is lost");
}

// Sixteen bytes, which g++ and clang++ send different ways.
struct TaggedCount {
  std::uint64_t count, tag;
};

template <Way way>
void count_in_sixteen_bytes() {
  std::atomic<TaggedCount> word{TaggedCount{0, 0}};
  const auto add = [&word] {
    TaggedCount seen = word.load();
    if constexpr (way == Way::faulty) {
      word.store({seen.count + 1, seen.tag + 1});
    } else {
      while (!word.compare_exchange_weak(seen, {seen.count + 1, seen.tag + 1})) {
      }
    }
  };
  {
    std::jthread first(add);
    std::jthread second(add);
  }
  require(word.load().count == 2, "an increment is lost");
}

EXPLORE_AS("static_local/faulty") {
  look_up<Way::faulty>();
}
EXPLORE_AS("static_local/repaired") {
  look_up<Way::repaired>();
}
EXPLORE_AS("thread_local/faulty") {
  use_scratch<Way::faulty>();
}
EXPLORE_AS("thread_local/repaired") {
  use_scratch<Way::repaired>();
}
EXPLORE_AS("throw_while_locked/faulty") {
  throw_while_locked<Way::faulty>();
}
EXPLORE_AS("throw_while_locked/repaired") {
  throw_while_locked<Way::repaired>();
}
EXPLORE_AS("exception_pointer/faulty") {
  hand_an_exception_over<Way::faulty>();
}
EXPLORE_AS("exception_pointer/repaired") {
  hand_an_exception_over<Way::repaired>();
}
EXPLORE_AS("sixteen_bytes/faulty") {
  count_in_sixteen_bytes<Way::faulty>();
}
EXPLORE_AS("sixteen_bytes/repaired") {
  count_in_sixteen_bytes<Way::repaired>();
}
EXPLORE_AS("shared_library/faulty", Schedules::all, Needs{.process_each = true}) {
  count_in_library<Way::faulty>();
}
EXPLORE_AS("shared_library/repaired", Schedules::all, Needs{.process_each = true}) {
  count_in_library<Way::repaired>();
}

}  // namespace

}  // namespace crosstalk::harness::explore
