// For tests: how often operator new was called in this program so far, and a switch by which it fails. Implemented in events/event_bus_allocation_test.cpp.
#pragma once

#include <cstdint>

namespace crosstalk::pool {

[[nodiscard]] std::uint64_t heap_allocations() noexcept;

// While one lives, operator new throws std::bad_alloc on the thread that made it.
class HeapFails {
 public:
  HeapFails() noexcept;
  ~HeapFails();
  HeapFails(const HeapFails&) = delete;
  HeapFails& operator=(const HeapFails&) = delete;
};

}  // namespace crosstalk::pool
