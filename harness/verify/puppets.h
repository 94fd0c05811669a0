// Threads that do what they are told, one step at a time: for drills, in which the order of events is known and so the outcome is,
// too. Whether somebody waits inside an operation is seen by the processor time it has used there, or by its sleep; no drill waits
// for time to pass.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/verify/crew.h"

namespace crosstalk::harness::verify {

class Puppets {
 public:
  using Step = std::function<void(Member&)>;

  Puppets(CaseRun& run, unsigned count);
  ~Puppets();
  Puppets(const Puppets&) = delete;
  Puppets& operator=(const Puppets&) = delete;

  // Begins the step; the puppet must have ended the one before.
  void tell(unsigned who, Step step);
  // Returns when it has ended the step: true; or waits inside an operation of it: false.
  [[nodiscard]] bool settles(unsigned who);
  // The same for all from `first` on, looked at by turns: true if one of them has ended its step; false once all wait.
  [[nodiscard]] bool one_ends(unsigned first);
  [[nodiscard]] bool done(unsigned who) const noexcept;
  // Returns when the step has ended. If it never ends, or the process crashes, the property is broken.
  void await(unsigned who, std::string_view property, std::string_view detail);
  // One of those whose step has ended; waits until there is one, as await() does.
  [[nodiscard]] unsigned await_any(const std::vector<unsigned>& whom, std::string_view property,
                                   std::string_view detail);
  // tell() and await().
  void order(unsigned who, Step step, std::string_view property, std::string_view detail);
  // The same for steps that cannot fail to end.
  void order(unsigned who, Step step) { order(who, std::move(step), {}, {}); }

  [[noreturn]] void fail(std::string_view property, std::string_view detail) { crew_.fail(property, detail); }
  [[nodiscard]] unsigned count() const noexcept { return static_cast<unsigned>(slots_.size()); }

 private:
  struct alignas(64) Slot {
    Step step;
    std::atomic<std::uint32_t> told{0};
    std::atomic<std::uint32_t> ended{0};
    WaitProof proof;     // of the step that it was told
    bool asked = false;  // settles() has been asked about that step
  };
  [[nodiscard]] bool waits(unsigned who);
  void obey(Member& member);

  CaseRun& run_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::atomic<std::uint32_t> ends_{0};  // steps that have ended
  Crew crew_;
};

}  // namespace crosstalk::harness::verify
