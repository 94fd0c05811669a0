#include "harness/verify/scarce_threads.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <array>
#include <cerrno>
#include <exception>
#include <stdexcept>
#include <thread>

namespace crosstalk::harness::verify {

namespace {

// From here on, and for this thread alone. False: the system cannot.
bool refuse_threads() noexcept {
  constexpr unsigned kNumber = 0;  // where the number of the call stands in seccomp_data
  std::array filter{sock_filter{BPF_LD | BPF_W | BPF_ABS, 0, 0, kNumber},
                    sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 1, 0, SYS_clone3},
                    sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_clone},
                    sock_filter{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EAGAIN},
                    sock_filter{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}};
  const sock_fprog program{filter.size(), filter.data()};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

}  // namespace

void where_no_thread_starts(const std::function<void()>& work) {
  std::exception_ptr failure;
  std::thread([&] {
    try {
      if (!refuse_threads()) throw std::runtime_error("this system cannot refuse threads (seccomp)");
      work();
    } catch (...) {
      failure = std::current_exception();
    }
  }).join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace crosstalk::harness::verify
