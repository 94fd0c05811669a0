// What publishing allocates. Every operator new of the program is counted here.
#include <catch2/catch.hpp>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include "pool/events/event_bus.h"
#include "pool/heap_count.h"

namespace crosstalk::pool {
namespace {

std::atomic<std::uint64_t> bus_allocations{0};
std::atomic<std::int64_t> bus_blocks{0};  // allocated and not freed

constinit thread_local bool bus_heap_fails = false;

void* bus_counted_or_null(std::size_t size, std::size_t alignment) noexcept {
  if (bus_heap_fails) return nullptr;
  ++bus_allocations;
  ++bus_blocks;
  return alignment <= alignof(std::max_align_t)
             ? std::malloc(size == 0 ? 1 : size)
             : std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
}
void* bus_counted(std::size_t size, std::size_t alignment) {
  void* memory = bus_counted_or_null(size, alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void bus_freed(void* memory) noexcept {
  if (memory != nullptr) --bus_blocks;
  std::free(memory);
}

// The chapter's defaultdict made an entry for whatever was asked of it.
TEST_CASE("defaultdict grows on publish: publishing to an unknown topic allocates nothing", "[pool][bus]") {
  EventBus bus;
  const Topic<int> known("known");
  std::vector<Topic<int>> unknown;
  for (int i = 0; i < 100; ++i)
    unknown.emplace_back("a topic nobody has subscribed to, number " + std::to_string(i));
  bus.publish(unknown[0], 1);  // the first publish of a thread registers it
  const auto ask_all = [&] {
    const std::uint64_t before = bus_allocations;
    for (int round = 0; round < 10; ++round) {
      for (const auto& topic : unknown) bus.publish(topic, 1);
    }
    return bus_allocations - before;
  };
  CHECK(ask_all() == 0);
  const auto token = bus.subscribe(known, [](int) {});
  CHECK(ask_all() == 0);
}

TEST_CASE("publishing to inlined callbacks allocates nothing", "[pool][bus]") {
  EventBus bus;
  const Topic<std::string> topic("a");
  std::size_t length = 0;
  const auto token = bus.subscribe(topic, [&](const std::string& event) { length += event.size(); });
  const std::string event(100, 'x');
  bus.publish(topic, event);
  const std::uint64_t before = bus_allocations;
  for (int i = 0; i < 100; ++i) bus.publish(topic, event);
  CHECK(bus_allocations - before == 0);
  CHECK(length == 10'100);
}

TEST_CASE("topics and subscribers that come and go leave nothing behind", "[pool][bus]") {
  EventBus bus;
  const auto come_and_go = [&](int first, int last) {
    for (int i = first; i < last; ++i) {
      const Topic<int> topic(std::to_string(i));
      const auto one = bus.subscribe(topic, [](int) {});
      const auto two = bus.subscribe(topic, [](int) {});
    }
  };
  const Topic<int> crowded("crowded");
  const auto stays = bus.subscribe(crowded, [](int) {});
  come_and_go(0, 1'000);
  const std::int64_t before = bus_blocks;
  come_and_go(1'000, 5'000);
  for (int i = 0; i < 4'000; ++i) {
    const auto goes = bus.subscribe(crowded, [](int) {});
  }
  CHECK(bus_blocks - before < 100);
}

}  // namespace

std::uint64_t heap_allocations() noexcept {
  return bus_allocations;
}

HeapFails::HeapFails() noexcept {
  bus_heap_fails = true;
}
HeapFails::~HeapFails() {
  bus_heap_fails = false;
}

}  // namespace crosstalk::pool

// The other forms of new and delete call these. Not inlined: the compiler would warn of a pair of which it sees one half.
[[gnu::noinline]] void* operator new(std::size_t size) {
  return crosstalk::pool::bus_counted(size, 1);
}
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment) {
  return crosstalk::pool::bus_counted(size, static_cast<std::size_t>(alignment));
}
// Under a sanitizer the library's form for nothrow is the sanitizer's own, which wants its own delete.
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return crosstalk::pool::bus_counted_or_null(size, 1);
}
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment,
                                     const std::nothrow_t&) noexcept {
  return crosstalk::pool::bus_counted_or_null(size, static_cast<std::size_t>(alignment));
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  crosstalk::pool::bus_freed(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  crosstalk::pool::bus_freed(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept {
  crosstalk::pool::bus_freed(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  crosstalk::pool::bus_freed(memory);
}
