// For tests: a memory resource that counts, and that can be told to have no memory left.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory_resource>
#include <new>

namespace crosstalk::pool {

class CountingResource final : public std::pmr::memory_resource {
 public:
  explicit CountingResource(std::pmr::memory_resource* upstream = std::pmr::new_delete_resource())
      : upstream_(upstream) {}

  // relaxed (all): counts, read by whoever has seen to it that nobody counts meanwhile.
  // The allocation after `count` more ones, and all later ones, throw std::bad_alloc.
  void fail_after(std::int64_t count) noexcept { left_.store(count, std::memory_order_relaxed); }
  void never_fail() noexcept { fail_after(std::numeric_limits<std::int64_t>::max()); }

  [[nodiscard]] std::uint64_t allocations() const noexcept {
    return allocations_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t deallocations() const noexcept {
    return deallocations_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::int64_t bytes_out() const noexcept { return bytes_out_.load(std::memory_order_relaxed); }

 private:
  // relaxed (both): as above.
  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    if (left_.fetch_sub(1, std::memory_order_relaxed) <= 0) throw std::bad_alloc();
    void* const memory = upstream_->allocate(bytes, alignment);
    allocations_.fetch_add(1, std::memory_order_relaxed);
    bytes_out_.fetch_add(static_cast<std::int64_t>(bytes), std::memory_order_relaxed);
    return memory;
  }
  void do_deallocate(void* memory, std::size_t bytes, std::size_t alignment) override {
    deallocations_.fetch_add(1, std::memory_order_relaxed);
    bytes_out_.fetch_sub(static_cast<std::int64_t>(bytes), std::memory_order_relaxed);
    upstream_->deallocate(memory, bytes, alignment);
  }
  [[nodiscard]] bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
    return this == &other;
  }

  std::pmr::memory_resource* upstream_;
  std::atomic<std::uint64_t> allocations_{0};
  std::atomic<std::uint64_t> deallocations_{0};
  std::atomic<std::int64_t> bytes_out_{0};
  std::atomic<std::int64_t> left_{std::numeric_limits<std::int64_t>::max()};
};

}  // namespace crosstalk::pool
