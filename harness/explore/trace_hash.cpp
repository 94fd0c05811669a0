#include "harness/explore/trace_hash.h"

#include <sys/mman.h>

#include "harness/explore/own_memory.h"

namespace crosstalk::harness::explore {

namespace {

constexpr unsigned kObjectBits = 13;
constexpr unsigned kVisitBits = 22;
constexpr std::size_t kVisitBytes = sizeof(std::uint64_t) << kVisitBits;
constexpr int kLongestProbe = 32;
constexpr std::uint64_t kLeftMask = 0xF;  // of an entry: the preemptions that were left

struct UsedObject {
  Address address;
  std::uint64_t generation;
  std::uint64_t changed;  // the last change
  std::uint64_t looked;   // all looks since, whatever their order
};

constinit UsedObject* used_objects = nullptr;
constinit std::uint64_t* visits = nullptr;

// The finaliser of MurmurHash3 (Appleby), of both.
std::uint64_t join(std::uint64_t a, std::uint64_t b) noexcept {
  std::uint64_t x = (a ^ (b + 0x9E3779B97F4A7C15ULL + (a << 6) + (a >> 2))) * 0xff51afd7ed558ccdULL;
  x ^= x >> 33;
  x *= 0xc4ceb9fe1a85ec53ULL;
  return x ^ (x >> 33);
}

UsedObject& object_at(Address address) noexcept {
  std::uint64_t at = (reinterpret_cast<std::uint64_t>(address) * 0x9E3779B97F4A7C15ULL) >> (64 - kObjectBits);
  for (unsigned i = 0; i < (1U << kObjectBits); ++i, at = (at + 1) % (1U << kObjectBits)) {
    UsedObject& object = used_objects[at];
    if (object.generation != runtime->generation) {
      object = {address, runtime->generation, 0, 0};
      return object;
    }
    if (object.address == address) return object;
  }
  fail(Finding::limit, "one execution uses more than %u objects that threads may share", 1U << kObjectBits);
}

std::uint64_t hash_of_here() noexcept {
  const Runtime& r = *runtime;
  std::uint64_t all = join(r.time_ns, static_cast<std::uint64_t>(r.current->id));
  for (int i = 0; i < r.thread_count; ++i) {
    const Thread& each = r.threads[i];
    all = join(join(all, each.past), static_cast<std::uint64_t>(each.state));
  }
  return all;
}

}  // namespace

bool map_trace_hash() noexcept {
  if (visits != nullptr) return true;
  used_objects = static_cast<UsedObject*>(map_own_memory(sizeof(UsedObject) << kObjectBits));
  void* const region =
      mmap(nullptr, kVisitBytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (used_objects == nullptr || region == MAP_FAILED) return false;
  visits = static_cast<std::uint64_t*>(region);
  return true;
}

void forget_visits() noexcept {
  // Gives the pages back, which is quicker than clearing them, where the system can.
  if (madvise(visits, kVisitBytes, MADV_REMOVE) != 0) clear_bytes(visits, kVisitBytes);
}

void note_use(Address object, Use use) noexcept {
  if (!runtime->hashing) return;
  UsedObject& used = object_at(object);
  std::uint64_t& past = self().past;
  if (use == Use::look) {
    past = join(past, used.changed);
    used.looked += past;
  } else {
    past = join(join(past, used.changed), used.looked);
    used.changed = past;
    used.looked = 0;
  }
}

void note_fact(std::uint64_t fact) noexcept {
  if (runtime->hashing) self().past = join(self().past, fact);
}

void note_hand_over(Thread& other) noexcept {
  if (runtime->hashing) other.past = join(other.past, self().past);
}

bool was_here(int preemptions_left) noexcept {
  const std::uint64_t here = hash_of_here() & ~kLeftMask;
  const std::uint64_t now = here | (static_cast<std::uint64_t>(preemptions_left) + 1);
  std::uint64_t at = here >> (64 - kVisitBits);
  for (int i = 0; i < kLongestProbe; ++i, at = (at + 1) % (1ULL << kVisitBits)) {
    if (visits[at] == 0) {
      visits[at] = now;
      return false;
    }
    if ((visits[at] & ~kLeftMask) != here) continue;
    if (visits[at] >= now) return true;
    visits[at] = now;
    return false;
  }
  return false;  // no room: the search goes on, and may come again
}

}  // namespace crosstalk::harness::explore
