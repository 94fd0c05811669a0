#include "harness/verify/child_end.h"

#include <unistd.h>

namespace crosstalk::harness::verify {

void end_child(int code) noexcept {
  _exit(code);
}

void wait_for_end() noexcept {
  for (;;) pause();
}

}  // namespace crosstalk::harness::verify
