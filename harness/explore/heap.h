// Heap: memory of one execution. It is handed out from a region that is wound back after the execution, so nothing that was
// freed comes again, and every execution gets the same addresses.
#pragma once

#include "harness/explore/runtime.h"

namespace crosstalk::harness::explore {

[[nodiscard]] bool map_heap() noexcept;
void begin_heap() noexcept;

[[nodiscard]] bool is_of_heap(const void* memory) noexcept;
// Fails where an execution takes more than the region has.
[[nodiscard]] void* take_memory(std::size_t bytes, std::size_t alignment) noexcept;
// What libraries take of the C library's heap in an execution: fails where that has no bound.
void count_library_memory(std::size_t bytes) noexcept;
// Fails for what was freed already.
void free_memory(void* memory, std::uint32_t place) noexcept;
[[nodiscard]] std::size_t size_of_memory(const void* memory) noexcept;

}  // namespace crosstalk::harness::explore
