#include "harness/verify/clock_jump.h"

#include <elf.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstring>
#include <ctime>

namespace crosstalk::harness::verify {

namespace {

// Of three stretches of readings one is ahead, one is right, one is behind. A prime, so that no loop keeps step with it.
constexpr std::uint64_t kReadingsAStretch = 7;
constexpr time_t kHour = 3600;

std::atomic<std::uint64_t> readings{0};

time_t jump() noexcept {
  // relaxed: any order of readings will do.
  const std::uint64_t stretch = readings.fetch_add(1, std::memory_order_relaxed) / kReadingsAStretch;
  return (static_cast<time_t>(stretch % 3) - 1) * kHour;
}

// The functions of the library themselves are reached by calls from here, whose own entries stay as they are.
int jumping_clock_gettime(clockid_t clock, timespec* time) {
  const int result = clock_gettime(clock, time);
  if (result == 0 && clock == CLOCK_REALTIME) time->tv_sec += jump();
  return result;
}
int jumping_gettimeofday(timeval* time, void* zone) {
  const int result = gettimeofday(time, static_cast<struct timezone*>(zone));
  if (result == 0) time->tv_sec += jump();
  return result;
}

}  // namespace

#if defined(__x86_64__) && defined(__linux__)

namespace {

struct LoadedObject {
  std::uintptr_t base;
  const ElfW(Sym) * symbols = nullptr;
  const char* names = nullptr;
  const ElfW(Rela) * calls = nullptr;
  std::size_t calls_bytes = 0;
  const ElfW(Rela) * data = nullptr;
  std::size_t data_bytes = 0;
};

LoadedObject object_of(const dl_phdr_info& info) {
  LoadedObject object{.base = info.dlpi_addr};
  for (int i = 0; i < info.dlpi_phnum; ++i) {
    if (info.dlpi_phdr[i].p_type != PT_DYNAMIC) continue;
    const auto* entry = reinterpret_cast<const ElfW(Dyn)*>(info.dlpi_addr + info.dlpi_phdr[i].p_vaddr);
    for (; entry->d_tag != DT_NULL; ++entry) {
      // The loader has added the base in most objects.
      const std::uintptr_t at = entry->d_un.d_ptr + (entry->d_un.d_ptr < object.base ? object.base : 0);
      switch (entry->d_tag) {
        case DT_SYMTAB:
          object.symbols = reinterpret_cast<const ElfW(Sym)*>(at);
          break;
        case DT_STRTAB:
          object.names = reinterpret_cast<const char*>(at);
          break;
        case DT_JMPREL:
          object.calls = reinterpret_cast<const ElfW(Rela)*>(at);
          break;
        case DT_PLTRELSZ:
          object.calls_bytes = entry->d_un.d_val;
          break;
        case DT_RELA:
          object.data = reinterpret_cast<const ElfW(Rela)*>(at);
          break;
        case DT_RELASZ:
          object.data_bytes = entry->d_un.d_val;
          break;
        default:
          break;
      }
    }
  }
  return object;
}

bool redirect(std::uintptr_t entry, std::uintptr_t target) {
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  void* const begin = reinterpret_cast<void*>(entry / page * page);
  // The loader has closed these pages; they stay open in this process, which ends soon.
  if (mprotect(begin, page, PROT_READ | PROT_WRITE) != 0) return false;
  std::memcpy(reinterpret_cast<void*>(entry), &target, sizeof target);
  return true;
}

unsigned redirect_all(const LoadedObject& object, const ElfW(Rela) * first, std::size_t bytes) {
  unsigned count = 0;
  for (std::size_t i = 0; first != nullptr && i < bytes / sizeof(ElfW(Rela)); ++i) {
    const auto kind = ELF64_R_TYPE(first[i].r_info);
    if (kind != R_X86_64_JUMP_SLOT && kind != R_X86_64_GLOB_DAT) continue;
    const char* const name = object.names + object.symbols[ELF64_R_SYM(first[i].r_info)].st_name;
    std::uintptr_t target = 0;
    if (std::strcmp(name, "clock_gettime") == 0)
      target = reinterpret_cast<std::uintptr_t>(&jumping_clock_gettime);
    if (std::strcmp(name, "gettimeofday") == 0)
      target = reinterpret_cast<std::uintptr_t>(&jumping_gettimeofday);
    if (target != 0 && redirect(object.base + first[i].r_offset, target)) ++count;
  }
  return count;
}

// What follows in the list are libraries; the first is the program, whose own entries the functions above go through.
int visit_object(dl_phdr_info* info, std::size_t, void* counter) {
  if (info->dlpi_name == nullptr || info->dlpi_name[0] == '\0') return 0;
  const LoadedObject object = object_of(*info);
  if (object.symbols == nullptr || object.names == nullptr) return 0;
  *static_cast<unsigned*>(counter) += redirect_all(object, object.calls, object.calls_bytes) +
                                      redirect_all(object, object.data, object.data_bytes);
  return 0;
}

}  // namespace

bool let_wall_clock_jump() noexcept {
  unsigned count = 0;
  dl_iterate_phdr(visit_object, &count);
  return count != 0;
}

#else

bool let_wall_clock_jump() noexcept {
  return false;
}

#endif

}  // namespace crosstalk::harness::verify
