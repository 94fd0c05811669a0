// Ctrl-C and friends. The first signal asks the trial at hand to end its phase and keep what it measured; a second one
// ends the program, and the trial with it, at once.
#pragma once

#include <sys/types.h>
#include <atomic>

namespace crosstalk::harness {

// Catches SIGINT and SIGTERM while it lives. One at a time.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  // The flag that trials look at; it lies in memory that child processes share.
  [[nodiscard]] const std::atomic<bool>& stop() const noexcept;
  // The signal that came first; 0: none.
  [[nodiscard]] int signal() const noexcept;

  // What a second signal kills: a process, or with a minus sign a group of them; 0: nothing.
  static void set_child(pid_t child) noexcept;
  // In a child: signals are its parent's business.
  static void ignore() noexcept;
};

}  // namespace crosstalk::harness
