#include "harness/explore/conflicts.h"

#include "harness/explore/own_memory.h"

namespace crosstalk::harness::explore {

namespace {

constexpr unsigned kObjectBits = 13;
constexpr int kMaxUses = 1 << 16;
constexpr int kNobody = -1;
constexpr int kNoUse = -1;

// In a step that a decision let go on.
struct NotedUse {
  Address object;
  int decision;
  int thread;
  Use use;
  int before;  // of the same object
};

struct UsedObject {
  Address address;
  std::uint64_t generation;
  int last;  // use
};

struct Uses {
  UsedObject objects[1U << kObjectBits];
  std::uint64_t generation;
  int count;
  NotedUse all[kMaxUses];
};

constinit Uses* uses = nullptr;

bool notes_uses() noexcept {
  return runtime->reducing && runtime->plan.mode == Mode::depth_first && runtime->rescued == 0;
}

UsedObject& used_object(Address address) noexcept {
  const std::uint64_t generation = runtime->generation;
  if (uses->generation != generation) {
    uses->generation = generation;
    uses->count = 0;
  }
  std::uint64_t at = (reinterpret_cast<std::uint64_t>(address) * 0x9E3779B97F4A7C15ULL) >> (64 - kObjectBits);
  for (unsigned i = 0; i < (1U << kObjectBits); ++i, at = (at + 1) % (1U << kObjectBits)) {
    UsedObject& object = uses->objects[at];
    if (object.generation != generation) {
      object = {address, generation, kNoUse};
      return object;
    }
    if (object.address == address) return object;
  }
  fail(Finding::limit, "one execution uses more than %u objects that threads may share", 1U << kObjectBits);
}

bool conflict(Use a, Use b) noexcept {
  return a == Use::change || b == Use::change;
}

void mark(int decision) noexcept {
  runtime->decisions[decision].matters = true;
}

void mark_earlier(const UsedObject& object, int thread, Use use) noexcept {
  for (int i = object.last; i != kNoUse; i = uses->all[i].before) {
    const NotedUse& earlier = uses->all[i];
    if (earlier.thread != thread && conflict(earlier.use, use)) mark(earlier.decision);
  }
}

}  // namespace

bool map_conflicts() noexcept {
  if (uses == nullptr) uses = own_memory<Uses>();
  return uses != nullptr;
}

void note_use(Address object, Use use) noexcept {
  if (!notes_uses()) return;
  const Thread& me = self();
  UsedObject& used = used_object(object);
  mark_earlier(used, me.id, use);
  if (me.let_go_on < 0) return;
  if (uses->count == kMaxUses) return mark(me.let_go_on);
  uses->all[uses->count] = {object, me.let_go_on, me.id, use, used.last};
  used.last = uses->count++;
}

void note_use_by_nobody(Address object) noexcept {
  if (notes_uses()) mark_earlier(used_object(object), kNobody, Use::change);
}

void note_end(Address block, std::size_t bytes) noexcept {
  if (!notes_uses() || uses->generation != runtime->generation) return;
  const auto begin = reinterpret_cast<std::uintptr_t>(block);
  for (int i = 0; i < uses->count; ++i) {
    const NotedUse& earlier = uses->all[i];
    if (earlier.thread != self().id && reinterpret_cast<std::uintptr_t>(earlier.object) - begin < bytes)
      mark(earlier.decision);
  }
}

void note_conflict() noexcept {
  if (notes_uses() && self().let_go_on >= 0) mark(self().let_go_on);
}

}  // namespace crosstalk::harness::explore
