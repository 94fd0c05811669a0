#include "harness/lock_costs.h"

#include "pool/builtin.h"
#include "reports/paired.h"

namespace crosstalk::harness {

namespace {

// Lets nothing be moved across it or left out.
inline void keep_apart() noexcept {
  asm volatile("" ::: "memory");
}

template <class L>
std::uint64_t time_of_rounds_ns(const Clock& clock, L& lock, std::uint64_t rounds) {
  const std::uint64_t begin = clock.now();
  for (std::uint64_t i = 0; i < rounds; ++i) {
    lock.lock();
    keep_apart();
    lock.unlock();
    keep_apart();
  }
  return clock.to_ns(clock.now() - begin);
}

template <class L>
double uncontended_ns(const Clock& clock, std::size_t slices, std::uint64_t slice_ns) {
  L lock;
  std::uint64_t rounds = 64;
  while (time_of_rounds_ns(clock, lock, rounds) < slice_ns) rounds *= 2;
  std::vector<double> costs_ns;
  for (std::size_t i = 0; i < slices; ++i) {
    const std::uint64_t time_ns = time_of_rounds_ns(clock, lock, rounds);
    costs_ns.push_back(static_cast<double>(time_ns) / static_cast<double>(rounds));
  }
  return reports::median(costs_ns);
}

}  // namespace

std::vector<Calibration::LockCost> measure_lock_costs(const Clock& clock, std::size_t slices,
                                                      std::uint64_t slice_ns) {
  std::vector<Calibration::LockCost> costs;
  pool::for_each_builtin_lock([&]<class L>(std::string_view name) {
    costs.push_back({.lock = std::string(name), .ns = uncontended_ns<L>(clock, slices, slice_ns)});
  });
  return costs;
}

}  // namespace crosstalk::harness
