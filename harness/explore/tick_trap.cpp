#include "harness/explore/tick_trap.h"

#include <sys/auxv.h>
#include <sys/prctl.h>

#include "harness/explore/conflicts.h"
#include "harness/explore/runtime.h"

namespace crosstalk::harness::explore {

namespace {

constexpr std::uint64_t kTickReadingNs = 1000;
constexpr unsigned kHalfBits = 32;
constexpr std::uint64_t kLowHalf = 0xFFFFFFFFU;

// The length of the instruction if it reads the counter (rdtsc, rdtscp), else 0.
int length_of_reading(const unsigned char* instruction) noexcept {
  if (instruction[0] != 0x0F) return 0;
  if (instruction[1] == 0x31) return 2;
  return instruction[1] == 0x01 && instruction[2] == 0xF9 ? 3 : 0;
}

// The kernel's code in every process: its clocks are read there without a system call.
bool is_of_kernel(std::uint64_t at) noexcept {
  constexpr std::uint64_t kBytes = 8192;  // code of two pages
  static const std::uint64_t begin = getauxval(AT_SYSINFO_EHDR);
  return begin != 0 && at - begin < kBytes;
}

}  // namespace

void trap_ticks() noexcept {
  prctl(PR_SET_TSC, PR_TSC_SIGSEGV);
}

bool answer_tick_reading(mcontext_t& context, const void* fault_address) noexcept {
  auto& registers = context.gregs;
  // A jump to nowhere has no instruction to look at.
  const auto at = static_cast<std::uint64_t>(registers[REG_RIP]);
  if (at == 0 || reinterpret_cast<std::uint64_t>(fault_address) == at) return false;
  if (is_of_kernel(at)) {
    fail(Finding::unsupported, "T%d reads the real clock past the C library, in the kernel's vDSO",
         self().id);
  }
  const int length = length_of_reading(reinterpret_cast<const unsigned char*>(at));
  if (length == 0) return false;
  note_use(&runtime->time_ns, Use::change);
  const std::uint64_t ticks = runtime->time_ns += kTickReadingNs;
  registers[REG_RAX] = static_cast<greg_t>(ticks & kLowHalf);
  registers[REG_RDX] = static_cast<greg_t>(ticks >> kHalfBits);
  if (length == 3) registers[REG_RCX] = 0;
  registers[REG_RIP] += length;
  return true;
}

}  // namespace crosstalk::harness::explore
