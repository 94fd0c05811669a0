#include "harness/verify/puppets.h"

#include <sched.h>

#include <utility>

namespace crosstalk::harness::verify {

Puppets::Puppets(CaseRun& run, unsigned count) : run_(run), crew_(run, count) {
  for (unsigned i = 0; i < count; ++i) slots_.push_back(std::make_unique<Slot>());
  crew_.start(count, [this](Member& member) { obey(member); });
}

Puppets::~Puppets() {
  for (unsigned i = 0; i < count(); ++i) tell(i, {});
  crew_.finish();
}

void Puppets::obey(Member& member) {
  Slot& slot = *slots_[member.id()];
  for (std::uint32_t turn = 0;; ++turn) {
    // acquire: pairs with the release in tell(); the step is seen.
    slot.told.wait(turn, std::memory_order_acquire);
    if (!slot.step) return;
    slot.step(member);
    // release: pairs with the acquire in done(); what the step did is seen.
    slot.ended.store(turn + 1, std::memory_order_release);
    slot.ended.notify_all();
    // release: pairs with the acquire in await_any().
    ends_.fetch_add(1, std::memory_order_release);
    ends_.notify_all();
  }
}

void Puppets::tell(unsigned who, Step step) {
  Slot& slot = *slots_[who];
  slot.step = std::move(step);
  slot.proof = {.operations = crew_[who].operations()};
  slot.asked = false;
  // release: pairs with the acquire in obey().
  slot.told.fetch_add(1, std::memory_order_release);
  slot.told.notify_all();
}

bool Puppets::done(unsigned who) const noexcept {
  const Slot& slot = *slots_[who];
  // acquire: pairs with the release in obey(). relaxed: only the leading thread writes it.
  return slot.ended.load(std::memory_order_acquire) == slot.told.load(std::memory_order_relaxed);
}

bool Puppets::waits(unsigned who) {
  WaitProof& proof = slots_[who]->proof;
  const unsigned looks = proof.looks;
  const bool proven = crew_[who].visibly_waits(proof);
  if (proven || proof.looks != looks) run_.step();
  return proven;
}

bool Puppets::settles(unsigned who) {
  run_.step();
  Slot& slot = *slots_[who];
  // What it used before an earlier answer says nothing about the time since.
  if (slot.asked) slot.proof = {.operations = slot.proof.operations, .from_ns = crew_[who].cpu_ns()};
  slot.asked = true;
  for (;;) {
    if (done(who)) return true;
    if (waits(who)) return done(who);
    sched_yield();
  }
}

bool Puppets::one_ends(unsigned first) {
  std::vector<unsigned> open;
  for (unsigned who = first; who < count(); ++who) open.push_back(who);
  while (!open.empty()) {
    std::erase_if(open, [this](unsigned who) { return done(who) || waits(who); });
    sched_yield();
  }
  for (unsigned who = first; who < count(); ++who) {
    if (done(who)) return true;
  }
  return false;
}

void Puppets::await(unsigned who, std::string_view property, std::string_view detail) {
  run_.expect(property, detail);
  const Slot& slot = *slots_[who];
  // relaxed: see done().
  const std::uint32_t told = slot.told.load(std::memory_order_relaxed);
  // acquire: pairs with the release in obey().
  slot.ended.wait(told - 1, std::memory_order_acquire);
  run_.expect_nothing();
  run_.step();
}

unsigned Puppets::await_any(const std::vector<unsigned>& whom, std::string_view property,
                            std::string_view detail) {
  run_.expect(property, detail);
  for (;;) {
    // acquire: pairs with the release in obey(); one that ends after this look changes the count.
    const std::uint32_t seen = ends_.load(std::memory_order_acquire);
    for (const unsigned who : whom) {
      if (!done(who)) continue;
      run_.expect_nothing();
      run_.step();
      return who;
    }
    ends_.wait(seen, std::memory_order_acquire);
  }
}

void Puppets::order(unsigned who, Step step, std::string_view property, std::string_view detail) {
  tell(who, std::move(step));
  await(who, property, detail);
}

}  // namespace crosstalk::harness::verify
