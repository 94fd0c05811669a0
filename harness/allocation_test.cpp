// What the timed loop allocates: nothing. Every operator new of the program is counted here.
#include <catch2/catch.hpp>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <new>

#include "harness/trial.h"
#include "harness/trial_test_help.h"
#include "pool/chat/coarse_server.h"
#include "pool/chat/null_server.h"

namespace crosstalk::harness {
namespace {

std::atomic<std::uint64_t> calls{0};
std::atomic<std::uint64_t> bytes{0};

// Null where there is no memory.
// relaxed (both): statistics, read after the threads that allocated were joined, or by the thread itself.
void* counted_or_null(std::size_t size, std::size_t alignment) noexcept {
  calls.fetch_add(1, std::memory_order_relaxed);
  bytes.fetch_add(size, std::memory_order_relaxed);
  return alignment <= alignof(std::max_align_t)
             ? std::malloc(size == 0 ? 1 : size)
             : std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
}

void* counted(std::size_t size, std::size_t alignment) {
  void* memory = counted_or_null(size, alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

Allocations allocations() noexcept {
  return {calls.load(std::memory_order_relaxed), bytes.load(std::memory_order_relaxed)};
}

}  // namespace crosstalk::harness

// The other forms of new and delete call these. Not inlined: the compiler would warn of a pair of which it sees
// one half only. The sanitizers watch the malloc and free below as they watch new and delete.
[[gnu::noinline]] void* operator new(std::size_t size) {
  return crosstalk::harness::counted(size, 1);
}
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment) {
  return crosstalk::harness::counted(size, static_cast<std::size_t>(alignment));
}
// Under a sanitizer the library's form for nothrow is the sanitizer's own, which wants its own delete.
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return crosstalk::harness::counted_or_null(size, 1);
}
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment,
                                     const std::nothrow_t&) noexcept {
  return crosstalk::harness::counted_or_null(size, static_cast<std::size_t>(alignment));
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}

namespace crosstalk::harness {
namespace {

TEST_CASE("allocations are counted, so that none means none", "[harness][allocation]") {
  const Allocations before = allocations();
  // Called by name: what a new-expression allocates a compiler may leave out.
  void* const small = ::operator new(8);
  void* const wide = ::operator new (64, std::align_val_t{64});
  const Allocations after = allocations();
  ::operator delete(small);
  ::operator delete (wide, std::align_val_t{64});
  CHECK(after.calls - before.calls == 2);
  CHECK(after.bytes - before.bytes == 72);
}

std::uint64_t at_measure = 0;
std::uint64_t at_drain = 0;
void note_phase(Phase phase) {
  if (phase == Phase::measure) at_measure = allocations().calls;
  if (phase == Phase::drain) at_drain = allocations().calls;
}

// From the barrier to the end of the last operation, by all threads together; the warm-up, where there is
// one, before it.
TEST_CASE("between barrier and end the harness allocates nothing", "[harness][allocation]") {
  for (const bool open_loop : {false, true}) {
    for (const bool timed : {true, false}) {
      for (const std::uint64_t warmup_ns : {std::uint64_t{0}, std::uint64_t{2'000'000}}) {
        for (const unsigned drivers : {1U, 3U}) {
          if (open_loop && !timed) continue;
          TestTrial trial(mixed_trace(1), drivers);
          trial.input.options.open_loop = open_loop;
          trial.input.options.latency = timed;
          trial.input.options.warmup_ns = warmup_ns;
          trial.input.options.operations = 10'000;
          trial.input.on_phase = &note_phase;
          at_measure = at_drain = 0;
          CHECK(trial.run(&run_trial<pool::NullServer>) != nullptr);
          INFO("open loop " << open_loop << ", timed " << timed << ", warm-up " << warmup_ns << ", drivers "
                            << drivers);
          CHECK(at_measure > 0);
          CHECK(at_drain - at_measure == 0);
        }
      }
    }
  }
}

constexpr std::uint32_t kMembers = 8;
// 1,024 posts with 7 recipients each make 56 receives due, 7 of each client: after one lap of it everything,
// the turn of the receives included, is as it was before.
constexpr std::uint64_t kLap = 1'024;

// A real server that looks at the count of allocations in its n-th post.
class Watched : public pool::CoarseServer<std::mutex, LiveProbe> {
 public:
  using pool::CoarseServer<std::mutex, LiveProbe>::CoarseServer;
  static constexpr std::uint64_t kFrom = 20 * kLap;
  static constexpr std::uint64_t kTo = 60 * kLap;

  pool::PostResult post(pool::Caller& caller, pool::ClientId client, pool::RoomId room, std::uint64_t tag,
                        std::uint32_t size, const pool::PostWatch& watch) {
    ++posts_;
    if (posts_ == kFrom) before = allocations().calls;
    if (posts_ == kTo) after = allocations().calls;
    return pool::CoarseServer<std::mutex, LiveProbe>::post(caller, client, room, tag, size, watch);
  }

  static inline std::uint64_t before = 0;
  static inline std::uint64_t after = 0;

 private:
  std::uint64_t posts_ = 0;
};

// In the first laps the inboxes, the slabs of the message arena and the books' lists of gaps grow to the size
// that the load needs. From then on neither the server nor the harness allocates, checks included.
TEST_CASE("a steady load on a real server allocates nothing once everything has its size",
          "[harness][allocation]") {
  for (const bool timed : {true, false}) {
    workloads::Trace trace = crowd_trace(kMembers, kLap, 0);
    for (std::uint32_t i = 0; i < kLap; ++i) trace.ops[i].client = i % kMembers;
    TestTrial trial(finished(std::move(trace)), 1);
    trial.input.options.latency = timed;
    trial.input.options.operations = 61 * kLap;
    Watched::before = Watched::after = 0;
    const auto report = trial.run(&run_trial<Watched>);
    CHECK(broken(*report) == "");
    CHECK(Watched::before > 0);
    CHECK(Watched::after - Watched::before == 0);
  }
}

}  // namespace
}  // namespace crosstalk::harness
