// A chat server around a user's lock that loses patience, and around the same lock with patience.
#include <sched.h>

#include <atomic>
#include <utility>

#include "harness/live_probe.h"
#include "harness/trial.h"
#include "harness/verify/server_cases.h"
#include "harness/verify/specimen.h"
#include "pool/chat/coarse_server.h"

namespace crosstalk::harness::verify {

namespace {

// M31: it tries once and goes in, although somebody is inside.
template <bool kBroken>
class M31Lock {
 public:
  void lock() noexcept {
    // acquire: pairs with the release in unlock().
    while (taken_.exchange(true, std::memory_order_acquire)) {
      if (kBroken) return;
      sched_yield();
    }
  }
  void unlock() noexcept {
    taken_.store(false, std::memory_order_release);
  }  // release: pairs with the acquire

 private:
  std::atomic<bool> taken_{false};
};

template <bool kBroken>
std::vector<VerifyCase> m31_cases() {
  return server_cases(
      {.trial = &run_trial<pool::CoarseServer<M31Lock<kBroken>, LiveProbe>>, .composed = true});
}

}  // namespace

void add_server_specimens(std::vector<Specimen>& all) {
  const auto add = [&all](SpecimenKind kind, const char* bug, std::vector<VerifyCase> cases,
                          std::vector<std::string> properties) {
    all.push_back({.name = "M31",
                   .kind = kind,
                   .bug = bug,
                   .cases = std::move(cases),
                   .properties = std::move(properties),
                   .of_the_chapter = false,
                   .layer = "servers"});
  };
  // Where the server does not survive it, the property is the trial as a whole.
  add(SpecimenKind::mutant, "a server's lock lets a second one in", m31_cases<true>(),
      {"entries into a critical section beside a writer", "laws of a trial"});
  add(SpecimenKind::twin, "without the bug", m31_cases<false>(), {});
}

}  // namespace crosstalk::harness::verify
