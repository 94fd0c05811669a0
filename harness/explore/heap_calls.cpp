// Memory: operator new and delete, malloc and its kin as far as the program itself calls them, and the copying functions.
// What libraries allocate with malloc may outlive the execution, and stays where it always is.
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>

#include "harness/explore/heap.h"
#include "harness/explore/own_memory.h"
#include "harness/explore/shadow.h"

// The names are the C library's.
// NOLINTBEGIN(bugprone-reserved-identifier)
extern "C" {
void* __libc_malloc(std::size_t);
void __libc_free(void*);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
}
// NOLINTEND(bugprone-reserved-identifier)

namespace crosstalk::harness::explore {

namespace {

constexpr std::size_t kNoAlignment = 1;

void* new_memory(std::size_t bytes, std::size_t alignment) noexcept {
  if (exploring) return take_memory(bytes, alignment);
  if (bytes == 0) bytes = 1;
  return alignment > alignof(std::max_align_t) ? __libc_memalign(alignment, bytes) : __libc_malloc(bytes);
}

void delete_memory(void* memory, std::uint32_t place) noexcept {
  if (memory == nullptr) return;
  if (!is_of_heap(memory)) return __libc_free(memory);
  if (exploring) free_memory(memory, place);  // else it goes with its execution
}

// Of a library.
void note_library_memory(std::size_t bytes) noexcept {
  if (exploring) count_library_memory(bytes);
}

void* or_bad_alloc(void* memory) {
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void watch_copy(void* target, const void* source, std::size_t bytes, std::uint32_t place) noexcept {
  note_access(source, bytes, Access::read, place);
  note_access(target, bytes, Access::write, place);
}

void copy_down(void* target, const void* source, std::size_t bytes) noexcept {
  char* to = static_cast<char*>(target) + bytes - 1;
  const char* from = static_cast<const char*>(source) + bytes - 1;
  asm volatile("std\n\trep movsb\n\tcld" : "+D"(to), "+S"(from), "+c"(bytes) : : "memory");
}

// The explorer copies within its own memory, by calls that the compiler makes of assignments.
bool is_watched(const void* memory, std::size_t bytes) noexcept {
  if (!exploring || bytes == 0) return false;
  return !is_own_memory(memory);
}

}  // namespace

}  // namespace crosstalk::harness::explore

using namespace crosstalk::harness::explore;

#define CALL extern "C" __attribute__((visibility("default"), noinline))
#define PLACE_HERE CROSSTALK_EXPLORE_PLACE
#define PLACE (exploring ? PLACE_HERE : 0U)
#define OF_PROGRAM (exploring && is_program(__builtin_extract_return_addr(__builtin_return_address(0))))

void* operator new(std::size_t bytes) {
  return or_bad_alloc(new_memory(bytes, kNoAlignment));
}
void* operator new[](std::size_t bytes) {
  return or_bad_alloc(new_memory(bytes, kNoAlignment));
}
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return or_bad_alloc(new_memory(bytes, static_cast<std::size_t>(alignment)));
}
void* operator new[](std::size_t bytes, std::align_val_t alignment) {
  return or_bad_alloc(new_memory(bytes, static_cast<std::size_t>(alignment)));
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  return new_memory(bytes, kNoAlignment);
}
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept {
  return new_memory(bytes, kNoAlignment);
}
void* operator new(std::size_t bytes, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return new_memory(bytes, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t bytes, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return new_memory(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept {
  delete_memory(memory, PLACE);
}
void operator delete[](void* memory) noexcept {
  delete_memory(memory, PLACE);
}
void operator delete(void* memory, std::size_t) noexcept {
  delete_memory(memory, PLACE);
}
void operator delete[](void* memory, std::size_t) noexcept {
  delete_memory(memory, PLACE);
}
void operator delete(void* memory, std::align_val_t) noexcept {
  delete_memory(memory, PLACE);
}
void operator delete[](void* memory, std::align_val_t) noexcept {
  delete_memory(memory, PLACE);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  delete_memory(memory, PLACE);
}
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept {
  delete_memory(memory, PLACE);
}
void operator delete(void* memory, const std::nothrow_t&) noexcept {
  delete_memory(memory, PLACE);
}
void operator delete[](void* memory, const std::nothrow_t&) noexcept {
  delete_memory(memory, PLACE);
}

CALL void* malloc(std::size_t bytes) noexcept {
  if (OF_PROGRAM) return take_memory(bytes, kNoAlignment);
  note_library_memory(bytes);
  return __libc_malloc(bytes);
}
CALL void free(void* memory) noexcept {
  delete_memory(memory, PLACE);
}
CALL void* calloc(std::size_t count, std::size_t bytes) noexcept {
  std::size_t all = 0;
  if (__builtin_mul_overflow(count, bytes, &all)) return nullptr;
  if (!OF_PROGRAM) {
    note_library_memory(all);
    return __libc_calloc(count, bytes);
  }
  void* const memory = take_memory(all, kNoAlignment);
  clear_bytes(memory, all);
  return memory;
}
CALL void* realloc(void* memory, std::size_t bytes) noexcept {
  const bool moves = memory == nullptr ? OF_PROGRAM : exploring && is_of_heap(memory);
  if (!moves) {
    note_library_memory(bytes);
    return __libc_realloc(memory, bytes);
  }
  void* const larger = take_memory(bytes, kNoAlignment);
  if (memory == nullptr) return larger;
  const std::size_t before = size_of_memory(memory);
  copy_bytes(larger, memory, before < bytes ? before : bytes);
  free_memory(memory, PLACE_HERE);
  return larger;
}
CALL void* aligned_alloc(std::size_t alignment, std::size_t bytes) noexcept {
  return OF_PROGRAM ? take_memory(bytes, alignment) : __libc_memalign(alignment, bytes);
}
CALL int posix_memalign(void** memory, std::size_t alignment, std::size_t bytes) noexcept {
  *memory = OF_PROGRAM ? take_memory(bytes, alignment) : __libc_memalign(alignment, bytes);
  return *memory == nullptr ? ENOMEM : 0;
}

CALL void* memcpy(void* target, const void* source, std::size_t bytes) noexcept {
  if (is_watched(target, bytes) && is_watched(source, bytes)) watch_copy(target, source, bytes, PLACE_HERE);
  copy_bytes(target, source, bytes);
  return target;
}
CALL void* memmove(void* target, const void* source, std::size_t bytes) noexcept {
  if (is_watched(target, bytes) && is_watched(source, bytes)) watch_copy(target, source, bytes, PLACE_HERE);
  if (reinterpret_cast<std::uintptr_t>(target) - reinterpret_cast<std::uintptr_t>(source) >= bytes) {
    copy_bytes(target, source, bytes);
  } else if (bytes != 0) {
    copy_down(target, source, bytes);
  }
  return target;
}
CALL void* memset(void* target, int value, std::size_t bytes) noexcept {
  if (is_watched(target, bytes)) note_access(target, bytes, Access::write, PLACE_HERE);
  void* at = target;
  asm volatile("rep stosb" : "+D"(at), "+c"(bytes) : "a"(value) : "memory");
  return target;
}
