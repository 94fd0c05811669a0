// For tests: how often operator new was called in this program so far. Counted in events/event_bus_allocation_test.cpp.
#pragma once

#include <cstdint>

namespace crosstalk::pool {

[[nodiscard]] std::uint64_t heap_allocations() noexcept;

}  // namespace crosstalk::pool
