#include "harness/explore/image.h"

#include <link.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "harness/explore/own_memory.h"

namespace crosstalk::harness::explore {

namespace {

constexpr int kMaxParts = 8;
constexpr std::size_t kBlockBytes = 512;

struct Part {
  char* begin;
  std::size_t bytes;
  char* copy;
};

struct Image {
  Part parts[kMaxParts];
  int count;
  std::size_t local_bytes, local_initialised;
  const char* local_image;
};

constinit Image* image = nullptr;

struct ReadOnlyAfterStart {
  std::uintptr_t begin = 0, end = 0;
};

std::uintptr_t round_up(std::uintptr_t value, std::uintptr_t unit) noexcept {
  return (value + unit - 1) / unit * unit;
}

ReadOnlyAfterStart find_read_only(const dl_phdr_info& info) noexcept {
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  for (int i = 0; i < info.dlpi_phnum; ++i) {
    const auto& part = info.dlpi_phdr[i];
    if (part.p_type != PT_GNU_RELRO) continue;
    const std::uintptr_t begin = info.dlpi_addr + part.p_vaddr;
    return {begin, round_up(begin + part.p_memsz, page)};
  }
  return {};
}

int find_parts(dl_phdr_info* info, std::size_t, void*) {
  const ReadOnlyAfterStart fixed = find_read_only(*info);
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const auto& part = info->dlpi_phdr[i];
    if (part.p_type == PT_TLS) {
      image->local_bytes = round_up(part.p_memsz, part.p_align == 0 ? 1 : part.p_align);
      image->local_initialised = part.p_filesz;
      image->local_image = reinterpret_cast<const char*>(info->dlpi_addr + part.p_vaddr);
    }
    if (part.p_type != PT_LOAD || (part.p_flags & PF_W) == 0 || image->count == kMaxParts) continue;
    std::uintptr_t begin = info->dlpi_addr + part.p_vaddr;
    const std::uintptr_t end = begin + part.p_memsz;
    if (begin >= fixed.begin && begin < fixed.end) begin = fixed.end;
    if (begin < end) image->parts[image->count++] = {reinterpret_cast<char*>(begin), end - begin, nullptr};
  }
  return 1;  // the program comes first
}

// What libraries prepare at first use, and keep, must have happened before the first execution.
void use_libraries() {
  try {
    throw 0;  // the first exception of a process makes the tables of the unwinder
  } catch (int) {
  }
}

}  // namespace

bool map_image() noexcept {
  if (image != nullptr) return true;
  image = own_memory<Image>();
  if (image == nullptr) return false;
  dl_iterate_phdr(find_parts, nullptr);
  for (int i = 0; i < image->count; ++i) {
    Part& part = image->parts[i];
    part.copy = static_cast<char*>(map_own_memory(part.bytes));
    if (part.copy == nullptr) return false;
  }
  return true;
}

void keep_globals() noexcept {
  use_libraries();
  for (int i = 0; i < image->count; ++i)
    copy_bytes(image->parts[i].copy, image->parts[i].begin, image->parts[i].bytes);
}

void put_globals_back() noexcept {
  for (int i = 0; i < image->count; ++i) {
    const Part& part = image->parts[i];
    for (std::size_t at = 0; at < part.bytes; at += kBlockBytes) {
      const std::size_t rest = part.bytes - at;
      const std::size_t bytes = rest < kBlockBytes ? rest : kBlockBytes;
      // Most are as they were, and comparing is the cheaper half.
      if (std::memcmp(part.begin + at, part.copy + at, bytes) != 0)
        copy_bytes(part.begin + at, part.copy + at, bytes);
    }
  }
}

void put_thread_locals_back() noexcept {
  if (image->local_bytes == 0) return;
  std::uintptr_t thread_pointer;
  asm("mov %%fs:0, %0" : "=r"(thread_pointer));
  const int kept = errno;
  char* const begin = reinterpret_cast<char*>(thread_pointer - image->local_bytes);
  copy_bytes(begin, image->local_image, image->local_initialised);
  clear_bytes(begin + image->local_initialised, image->local_bytes - image->local_initialised);
  errno = kept;
}

}  // namespace crosstalk::harness::explore
