#include "harness/count/call_redirect.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>

namespace crosstalk::harness::count {

namespace {

struct Redirect {
  const char* symbol;
  void* to;
  std::size_t entries;
};

// What the dynamic section of an object says of its imports.
struct Imports {
  const ElfW(Sym) * symbols = nullptr;
  const char* names = nullptr;
  const ElfW(Rela) * tables[2] = {};  // those of calls, and those of data
  std::size_t bytes[2] = {};
};

bool is_import(std::uint64_t type) noexcept {
#if defined(__x86_64__)
  return type == R_X86_64_JUMP_SLOT || type == R_X86_64_GLOB_DAT;
#elif defined(__aarch64__)
  return type == R_AARCH64_JUMP_SLOT || type == R_AARCH64_GLOB_DAT;
#else
  static_cast<void>(type);
  return false;
#endif
}

// The linker has made addresses of most objects absolute; those of the kernel's own object are still offsets.
template <class T>
const T* address_of(const dl_phdr_info& object, ElfW(Addr) value) noexcept {
  return reinterpret_cast<const T*>(value < object.dlpi_addr ? object.dlpi_addr + value : value);
}

Imports imports_of(const dl_phdr_info& object) noexcept {
  Imports imports;
  for (int i = 0; i < object.dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = object.dlpi_phdr[i];
    if (segment.p_type != PT_DYNAMIC) continue;
    const auto* entry = reinterpret_cast<const ElfW(Dyn)*>(object.dlpi_addr + segment.p_vaddr);
    for (; entry->d_tag != DT_NULL; ++entry) {
      switch (entry->d_tag) {
        case DT_SYMTAB:
          imports.symbols = address_of<ElfW(Sym)>(object, entry->d_un.d_ptr);
          break;
        case DT_STRTAB:
          imports.names = address_of<char>(object, entry->d_un.d_ptr);
          break;
        case DT_JMPREL:
          imports.tables[0] = address_of<ElfW(Rela)>(object, entry->d_un.d_ptr);
          break;
        case DT_PLTRELSZ:
          imports.bytes[0] = entry->d_un.d_val;
          break;
        case DT_RELA:
          imports.tables[1] = address_of<ElfW(Rela)>(object, entry->d_un.d_ptr);
          break;
        case DT_RELASZ:
          imports.bytes[1] = entry->d_un.d_val;
          break;
        default:
          break;
      }
    }
  }
  return imports;
}

// The linker may have made the table read-only when it had filled it.
bool overwrite(ElfW(Addr) place, void* to) noexcept {
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  void* const first = reinterpret_cast<void*>(place & ~(page - 1));
  if (mprotect(first, page, PROT_READ | PROT_WRITE) != 0) return false;
  *reinterpret_cast<void**>(place) = to;
  return true;
}

int redirect_in(dl_phdr_info* object, std::size_t, void* data) noexcept {
  Redirect& redirect = *static_cast<Redirect*>(data);
  const Imports imports = imports_of(*object);
  if (imports.symbols == nullptr || imports.names == nullptr) return 0;
  for (int table = 0; table < 2; ++table) {
    for (std::size_t i = 0; i < imports.bytes[table] / sizeof(ElfW(Rela)); ++i) {
      const ElfW(Rela)& entry = imports.tables[table][i];
      if (!is_import(ELF64_R_TYPE(entry.r_info))) continue;
      const ElfW(Sym)& symbol = imports.symbols[ELF64_R_SYM(entry.r_info)];
      if (std::strcmp(imports.names + symbol.st_name, redirect.symbol) != 0) continue;
      if (overwrite(object->dlpi_addr + entry.r_offset, redirect.to)) ++redirect.entries;
    }
  }
  return 0;
}

}  // namespace

std::size_t redirect_calls(const char* symbol, void* to) noexcept {
  Redirect redirect{symbol, to, 0};
  dl_iterate_phdr(&redirect_in, &redirect);
  return redirect.entries;
}

void* find_function(const char* symbol) noexcept {
  return dlsym(RTLD_DEFAULT, symbol);
}

}  // namespace crosstalk::harness::count
