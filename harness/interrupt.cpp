#include "harness/interrupt.h"

#include <sys/mman.h>
#include <unistd.h>

#include <csignal>
#include <new>

namespace crosstalk::harness {

namespace {

// What the handler may touch: lock-free atomics only.
std::atomic<bool>* stop_flag = nullptr;
std::atomic<int> first_signal{0};
std::atomic<pid_t> child_process{0};
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int>::is_always_lock_free);

void on_signal(int signal) {
  int none = 0;
  // relaxed (here and below): a signal handler runs on the thread whose state it reads; the children only poll a flag.
  if (first_signal.compare_exchange_strong(none, signal, std::memory_order_relaxed,
                                           std::memory_order_relaxed)) {
    stop_flag->store(true, std::memory_order_relaxed);
    return;
  }
  const pid_t child = child_process.load(std::memory_order_relaxed);
  if (child != 0) kill(child, SIGKILL);
  _exit(128 + signal);
}

void handle(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGINT, SIGTERM}) sigaction(signal, &action, nullptr);
}

}  // namespace

Interrupt::Interrupt() {
  void* memory =
      mmap(nullptr, sizeof(std::atomic<bool>), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  stop_flag = new (memory) std::atomic<bool>(false);
  // relaxed: no handler is installed yet.
  first_signal.store(0, std::memory_order_relaxed);
  handle(on_signal);
}

Interrupt::~Interrupt() {
  handle(SIG_DFL);
  munmap(stop_flag, sizeof(std::atomic<bool>));
  stop_flag = nullptr;
}

const std::atomic<bool>& Interrupt::stop() const noexcept {
  return *stop_flag;
}
// relaxed: see on_signal().
int Interrupt::signal() const noexcept {
  return first_signal.load(std::memory_order_relaxed);
}
// relaxed: see on_signal().
void Interrupt::set_child(pid_t child) noexcept {
  child_process.store(child, std::memory_order_relaxed);
}
void Interrupt::ignore() noexcept {
  handle(SIG_IGN);
}

}  // namespace crosstalk::harness
