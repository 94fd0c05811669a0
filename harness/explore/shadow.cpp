#include "harness/explore/shadow.h"

#include "harness/explore/own_memory.h"

namespace crosstalk::harness::explore {

namespace {

constexpr unsigned kWordBits = 15;
constexpr unsigned kWords = 1U << kWordBits;
constexpr unsigned kFreedBlocks = 64;

struct Touch {
  std::uint32_t clock, place;
  std::uint8_t bytes;  // one bit a byte
  bool atomic;
};

// Four bytes of memory: neighbouring fields of a struct seldom share them. Atomic reads are kept apart, as only plain writes
// race with them.
struct Half {
  std::uint8_t writer;
  std::uint16_t readers[2];  // one bit a thread; plain, atomic
  Touch write;
  Touch reads[2][kMaxThreads];
};

struct Word {
  std::uint64_t number, generation;
  bool freed;
  std::uint8_t freed_by;
  std::uint32_t freed_at;
  Half halves[2];
};

// A large block that was freed.
struct FreedBlock {
  std::uintptr_t begin, end;
  std::uint8_t freed_by;
  std::uint32_t freed_at;
};

struct FreedBlocks {
  std::uint64_t generation;
  std::uint32_t count;
  FreedBlock last[kFreedBlocks];
};

constinit Word* all_words = nullptr;
constinit FreedBlocks* freed_blocks = nullptr;

std::uint64_t number_of(Address address) noexcept {
  return reinterpret_cast<std::uint64_t>(address) >> 3;
}

void start_word(Word& word, std::uint64_t number) noexcept {
  word.number = number;
  word.generation = runtime->generation;
  word.freed = false;
  for (Half& each : word.halves) {
    each.readers[0] = each.readers[1] = 0;
    each.write.bytes = 0;
  }
}

// The word, or where it would stand; its generation tells which. Null if there is no room left.
Word* seek(std::uint64_t number) noexcept {
  std::uint64_t at = (number * 0x9E3779B97F4A7C15ULL) >> (64 - kWordBits);
  for (unsigned i = 0; i < kWords; ++i, at = (at + 1) % kWords) {
    Word& word = all_words[at];
    if (word.generation != runtime->generation || word.number == number) return &word;
  }
  return nullptr;
}

Word* find(std::uint64_t number) noexcept {
  Word* const word = seek(number);
  return word != nullptr && word->generation == runtime->generation ? word : nullptr;
}

Word& find_or_make(std::uint64_t number) noexcept {
  Word* const word = seek(number);
  if (word == nullptr) {
    fail(Finding::limit, "one execution touches more than %u KiB of memory", kWords * 8 / 1024);
  }
  if (word->generation != runtime->generation) start_word(*word, number);
  return *word;
}

bool is_write(Access access) noexcept {
  return access == Access::write || access == Access::atomic_write;
}
bool is_atomic(Access access) noexcept {
  return access >= Access::atomic_read;
}

const char* name_of(bool writes, bool atomic) noexcept {
  if (atomic) return writes ? "changes atomically" : "loads atomically";
  return writes ? "writes" : "reads";
}

// A word or a block.
template <class Freed>
[[noreturn]] void fail_for_freed(const Freed& freed, const char* what, std::uint32_t place) noexcept {
  record(what, nullptr, place);
  fail(Finding::use_after_free, "T%d %s at @%x@ memory that T%d freed at @%x@", self().id, what, place,
       freed.freed_by, freed.freed_at);
}

void check_blocks(Address address, std::size_t bytes, const char* what, std::uint32_t place) noexcept {
  if (freed_blocks->generation != runtime->generation) return;
  const auto begin = reinterpret_cast<std::uintptr_t>(address);
  const unsigned kept = freed_blocks->count < kFreedBlocks ? freed_blocks->count : kFreedBlocks;
  for (unsigned i = 0; i < kept; ++i) {
    const FreedBlock& each = freed_blocks->last[i];
    if (begin < each.end && begin + bytes > each.begin) fail_for_freed(each, what, place);
  }
}

[[noreturn]] void fail_for_race(const char* what, std::uint32_t place, int other, const char* other_what,
                                std::uint32_t other_place) noexcept {
  record(what, nullptr, place);
  fail(Finding::race, "T%d %s at @%x@ what T%d %s at @%x@, and nothing orders the two", self().id, what,
       place, other, other_what, other_place);
}

void check_against_write(const Half& half, const Touch& touch, bool writes) noexcept {
  const Thread& me = self();
  const Touch& last = half.write;
  if ((last.bytes & touch.bytes) == 0 || half.writer == me.id || (last.atomic && touch.atomic)) return;
  if (last.clock <= me.clock.at[half.writer]) return;
  fail_for_race(name_of(writes, touch.atomic), touch.place, half.writer, name_of(true, last.atomic),
                last.place);
}

void check_against_reads(const Half& half, const Touch& touch, bool atomic) noexcept {
  const Thread& me = self();
  const unsigned others = half.readers[atomic] & ~(1U << me.id);
  if (others == 0 || (atomic && touch.atomic)) return;
  for (int i = 0; i < runtime->thread_count; ++i) {
    const Touch& read = half.reads[atomic][i];
    if ((others >> i & 1U) == 0 || (read.bytes & touch.bytes) == 0 || read.clock <= me.clock.at[i]) continue;
    fail_for_race(name_of(true, touch.atomic), touch.place, i, name_of(false, atomic), read.place);
  }
}

void touch_half(Half& half, const Touch& touch, bool writes) noexcept {
  const int me = self().id;
  check_against_write(half, touch, writes);
  if (writes) {
    check_against_reads(half, touch, false);
    check_against_reads(half, touch, true);
    half.writer = static_cast<std::uint8_t>(me);
    half.write = touch;
    return;
  }
  std::uint16_t& readers = half.readers[touch.atomic];
  Touch& mine = half.reads[touch.atomic][me];
  // Of bytes that were read at another time nothing is kept: rather miss a race than report one that is none.
  const bool same_time = (readers >> me & 1U) != 0 && mine.clock == touch.clock;
  const auto bytes = static_cast<std::uint8_t>(touch.bytes | (same_time ? mine.bytes : 0));
  mine = touch;
  mine.bytes = bytes;
  readers = static_cast<std::uint16_t>(readers | 1U << me);
}

void touch_word(std::uint64_t number, std::uint8_t bytes, Access access, std::uint32_t place) noexcept {
  constexpr unsigned kHalfBytes = 4;
  constexpr std::uint8_t kHalfMask = 0xF;
  const Thread& me = self();
  Word& word = find_or_make(number);
  const bool writes = is_write(access);
  const bool atomic = is_atomic(access);
  if (word.freed) fail_for_freed(word, name_of(writes, atomic), place);
  for (unsigned i = 0; i < 2; ++i) {
    const auto mine = static_cast<std::uint8_t>(bytes >> (i * kHalfBytes) & kHalfMask);
    if (mine != 0) touch_half(word.halves[i], {me.clock.at[me.id], place, mine, atomic}, writes);
  }
}

template <class F>
void for_words(Address address, std::size_t bytes, F f) noexcept {
  auto at = reinterpret_cast<std::uint64_t>(address);
  const std::uint64_t end = at + bytes;
  while (at < end) {
    const std::uint64_t number = at >> 3;
    const auto first = static_cast<unsigned>(at & 7U);
    const unsigned last = end >> 3 == number ? static_cast<unsigned>(end & 7U) : 8U;
    f(number, static_cast<std::uint8_t>((0xFFU << first) & (0xFFU >> (8U - last))));
    at = (number + 1) << 3;
  }
}

// Of so many that it is quicker to look through what is known.
void forget_many(std::uint64_t first, std::uint64_t count) noexcept {
  for (unsigned i = 0; i < kWords; ++i) {
    Word& word = all_words[i];
    if (word.generation == runtime->generation && word.number - first < count) start_word(word, word.number);
  }
}

}  // namespace

bool map_shadow() noexcept {
  if (all_words == nullptr) all_words = static_cast<Word*>(map_own_memory(sizeof(Word) * kWords));
  if (freed_blocks == nullptr) freed_blocks = own_memory<FreedBlocks>();
  return all_words != nullptr && freed_blocks != nullptr;
}

void note_access(Address address, std::size_t bytes, Access access, std::uint32_t place) noexcept {
  check_blocks(address, bytes, name_of(is_write(access), is_atomic(access)), place);
  for_words(address, bytes,
            [&](std::uint64_t number, std::uint8_t mask) { touch_word(number, mask, access, place); });
}

void forget_accesses(Address address, std::size_t bytes) noexcept {
  if (bytes > std::size_t{kWords} * 8) return forget_many(number_of(address), bytes / 8);
  for_words(address, bytes, [&](std::uint64_t number, std::uint8_t) {
    if (Word* const word = find(number)) start_word(*word, number);
  });
}

void forbid_accesses(Address address, std::size_t bytes, std::uint32_t place) noexcept {
  note_access(address, bytes, Access::write, place);
  for_words(address, bytes, [place](std::uint64_t number, std::uint8_t) {
    Word& word = find_or_make(number);
    word.freed = true;
    word.freed_by = static_cast<std::uint8_t>(self().id);
    word.freed_at = place;
  });
}

void forbid_block(Address address, std::size_t bytes, std::uint32_t place) noexcept {
  const auto begin = reinterpret_cast<std::uintptr_t>(address);
  if (freed_blocks->generation != runtime->generation) {
    freed_blocks->generation = runtime->generation;
    freed_blocks->count = 0;
  }
  freed_blocks->last[freed_blocks->count++ % kFreedBlocks] = {begin, begin + bytes,
                                                              static_cast<std::uint8_t>(self().id), place};
}

bool is_forbidden(Address address) noexcept {
  const Word* const word = find(number_of(address));
  return word != nullptr && word->freed;
}

void check_alive(Address address, std::uint32_t place) noexcept {
  check_blocks(address, 1, "uses", place);
  const Word* const word = find(number_of(address));
  if (word != nullptr && word->freed) fail_for_freed(*word, "uses", place);
}

}  // namespace crosstalk::harness::explore
