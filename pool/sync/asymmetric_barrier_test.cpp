#include "pool/sync/asymmetric_barrier.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <cstdint>
#include <memory>

#include "pool/conformance.h"
#include "pool/events/event_bus.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

// Puts the mode back.
struct BarrierModeChange {
  explicit BarrierModeChange(detail::BarrierMode mode) : before(detail::decide_barrier_mode()) {
    detail::set_barrier_mode(mode);
  }
  BarrierModeChange(const BarrierModeChange&) = delete;
  BarrierModeChange& operator=(const BarrierModeChange&) = delete;
  ~BarrierModeChange() { detail::set_barrier_mode(before); }
  const detail::BarrierMode before;
};

TEST_CASE("of a light and a heavy barrier at least one side sees the other's store", "[pool][bus][stress]") {
  constexpr unsigned kRounds = 20'000;
  const bool asymmetric = detail::decide_barrier_mode() == detail::BarrierMode::asymmetric;
  std::atomic<std::uint32_t> often{0};
  std::atomic<std::uint32_t> rarely{0};
  std::atomic<std::uint32_t> often_saw{0};
  std::atomic<std::uint32_t> rarely_saw{0};
  std::atomic<std::uint32_t> ready{0};
  std::uint32_t both_blind = 0;
  detail::run_threads(2, [&](unsigned id) {
    for (std::uint32_t round = 1; round <= stress_rounds(kRounds); ++round) {
      ready.fetch_add(1);
      while (ready.load() < round * 4 - 2) sched_yield();
      if (id == 0) {
        if (asymmetric) {
          often.store(round, std::memory_order_release);
        } else {
          often.store(round);
        }
        detail::light_barrier();
        often_saw.store(rarely.load());
      } else {
        rarely.store(round);
        detail::heavy_barrier();
        rarely_saw.store(often.load());
      }
      ready.fetch_add(1);
      while (ready.load() < round * 4) sched_yield();
      if (id == 0) both_blind += often_saw != round && rarely_saw != round ? 1 : 0;
    }
  });
  CHECK(both_blind == 0);
}

TEST_CASE("without the kernel's help unsubscribing is as safe", "[pool][bus][stress]") {
  const BarrierModeChange change(detail::BarrierMode::symmetric);
  const Topic<int> topic("a");
  for (unsigned round = 0; round < stress_rounds(300); ++round) {
    EventBus bus;
    auto target = std::make_unique<std::atomic<int>>(0);  // freed right after unsubscribing
    auto token = bus.subscribe(topic, [raw = target.get()](int) { ++*raw; });
    detail::run_threads(3, [&](unsigned id) {
      if (id != 0) {
        for (int i = 0; i < 20; ++i) bus.publish(topic, i);
        return;
      }
      token.unsubscribe();
      target.reset();
    });
  }
}

}  // namespace
}  // namespace crosstalk::pool
