#include "harness/explore/runtime.h"

#include <link.h>
#include <sys/syscall.h>

#include <cstdarg>
#include <cstdio>

#include "harness/explore/own_memory.h"
#include "harness/explore/raw_call.h"

namespace crosstalk::harness::explore {

constinit Runtime* runtime = nullptr;
constinit bool exploring = false;

namespace {

constinit std::uintptr_t program_base = 0;
constinit std::uintptr_t program_first = 0;
constinit std::uintptr_t program_last = 0;

int note_program(dl_phdr_info* info, std::size_t, void*) {
  program_base = info->dlpi_addr;
  program_first = ~std::uintptr_t{0};
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const auto& part = info->dlpi_phdr[i];
    if (part.p_type != PT_LOAD || (part.p_flags & PF_X) == 0) continue;
    const std::uintptr_t first = program_base + part.p_vaddr;
    if (first < program_first) program_first = first;
    if (first + part.p_memsz > program_last) program_last = first + part.p_memsz;
  }
  return 1;  // the program comes first
}

// A library's frames hold the address to which it will return, but nothing says where: what looks like one, right behind a call,
// is taken for it.
std::uint32_t find_caller(const void* frame) noexcept {
  constexpr int kWordsLookedAt = 96;
  constexpr unsigned char kCallNear = 0xE8;
  for (int i = 2; i < kWordsLookedAt; ++i) {
    const auto word = static_cast<const std::uintptr_t*>(frame)[i];
    if (word < program_first + 8 || word >= program_last) continue;
    if (reinterpret_cast<const unsigned char*>(word)[-5] == kCallNear)
      return static_cast<std::uint32_t>(word - program_base - 1);
  }
  return 0;
}

}  // namespace

std::string_view to_string(Finding finding) noexcept {
  switch (finding) {
    case Finding::none:
      return "none";
    case Finding::assertion:
      return "assertion failed";
    case Finding::race:
      return "data race";
    case Finding::use_after_free:
      return "use after free";
    case Finding::deadlock:
      return "deadlock";
    case Finding::lost_wake_up:
      return "lost wake-up";
    case Finding::livelock:
      return "livelock";
    case Finding::misuse:
      return "misuse";
    case Finding::crash:
      return "crash";
    case Finding::hang:
      return "hang";
    case Finding::limit:
      return "limit exceeded";
    case Finding::unsupported:
      return "unsupported call";
    case Finding::nondeterministic:
      return "nondeterministic";
  }
  return "unknown";
}

void set_program_range() noexcept {
  dl_iterate_phdr(note_program, nullptr);
}

bool is_program(const void* return_address) noexcept {
  const auto pc = reinterpret_cast<std::uintptr_t>(return_address);
  return pc >= program_first && pc < program_last;
}

bool make_runtime() noexcept {
  if (runtime == nullptr) runtime = own_memory<Runtime>();
  set_program_range();
  return runtime != nullptr;
}

std::uint32_t place_of(const void* return_address, const void* frame) noexcept {
  const auto pc = reinterpret_cast<std::uintptr_t>(return_address);
  runtime->called_from = return_address;
  if (is_program(return_address)) return static_cast<std::uint32_t>(pc - program_base - 1);
  return runtime->recording ? find_caller(frame) : 0;
}

void fail(Finding finding, const char* format, ...) noexcept {
  exploring = false;
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(runtime->reason, sizeof runtime->reason, format, arguments);
  va_end(arguments);
  runtime->finding = finding;
  raw_call(SYS_exit_group, 1);
  __builtin_unreachable();
}

void mix(std::uint64_t value) noexcept {
  std::uint64_t& digest = runtime->digest;
  digest = (digest ^ value) * 0x100000001b3ULL;
  digest ^= digest >> 29;
}

void record(const char* what, Address address, std::uint32_t place, std::uint64_t value) noexcept {
  Runtime& r = *runtime;
  if (!r.recording || r.rescued != 0) return;
  // Of a long execution the end is what matters.
  if (r.trace_count == kMaxTrace) {
    for (int i = 0; i < kMaxTrace / 2; ++i) r.trace[i] = r.trace[i + kMaxTrace / 2];
    r.trace_count = kMaxTrace / 2;
  }
  const Thread& me = *r.current;
  const std::uint32_t caller = me.depth > 0 && me.depth <= kMaxCalls ? me.calls[me.depth - 1] : 0;
  r.trace[r.trace_count++] = {static_cast<std::uint8_t>(me.id), place, caller, what, address, value};
}

}  // namespace crosstalk::harness::explore
