// seq_lock: small data that readers copy without writing anything shared; who copies while a writer stores copies again. For
// trivially copyable T. Source: Lameter, "Effective Synchronization on Linux/NUMA Systems" (2005); how to do it under
// the memory model of C++, word by word with atomics: Boehm, "Can Seqlocks Get Along with Programming Language Memory Models?"
// (MSPC 2012), the form without fences.
//
//   version  even: the words are whole    odd: a writer is storing them
//
// Invariant: a reader that copies a word of a writer whose stores are under way, or came after the reader's first look, sees
// another version in its second look, since it acquires with the word the version that stands before it.
//
// f of a read runs once, on a private copy, after the read: a write may return meanwhile (kReadsOutside), so this is no
// mechanism for a server. f of a write runs once, on a private copy that is stored afterwards.
//
// Progress: read() is lock-free against writers that run, may be overtaken by them without limit, and waits for one that stands
// still between its first and its last store. write() blocks: one writer at a time behind a std::mutex; readers never hold it up. Reads may nest
// in everything; a write nested in a write of the same cell never returns. Errors: if f throws, nothing has changed.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <type_traits>
#include <utility>

#include "pool/cache_line.h"
#include "pool/cells/cell_instance.h"
#include "pool/cells/patience.h"
#include "pool/cells/probe_section.h"
#include "pool/contract.h"
#include "pool/guarded.h"

namespace crosstalk::pool {

template <class T, LockProbe P = NoProbe>
requires std::is_trivially_copyable_v<T>
class SeqLockCell {
 public:
  template <class... Args>
  requires std::constructible_from<T, Args...>
  explicit SeqLockCell(Args&&... args) {
    // relaxed: nobody else has the cell yet.
    store(T(std::forward<Args>(args)...), std::memory_order_relaxed);
  }
  SeqLockCell(const SeqLockCell&) = delete;
  SeqLockCell& operator=(const SeqLockCell&) = delete;

  template <detail::ReadClosure<T> F>
  detail::ClosureResult<F, const T&> read(F&& f) const {
    Bytes copy;
    const detail::SharedSection<P> section(reads_, [&] { copy = whole_copy(); });
    const T data = std::bit_cast<T>(copy);
    return f(data);
  }

  template <detail::WriteClosure<T> F>
  detail::ClosureResult<F, T&> write(F&& f) {
    std::unique_lock turn(writers_, std::defer_lock);
    const detail::ExclusiveSection<P> section(writes_, [&] { turn.lock(); });
    // relaxed: written by writers only, under the mutex.
    T data = std::bit_cast<T>(copy_words(std::memory_order_relaxed));
    if constexpr (std::is_void_v<detail::ClosureResult<F, T&>>) {
      f(data);
      replace(data);
    } else {
      auto result = f(data);
      replace(data);
      return result;
    }
  }

 private:
  using Word = std::uint64_t;
  static constexpr std::size_t kWords = (sizeof(T) + sizeof(Word) - 1) / sizeof(Word);
  using Bytes = std::array<std::byte, sizeof(T)>;

  Bytes whole_copy() const {
    Patience patience;
    while (true) {
      // (1) - acquire: synchronizes with (4) of the writer that made this version.
      const std::uint64_t before = version_.load(std::memory_order_acquire);
      if (before % 2 == 0) {
        // (2) - acquire: synchronizes with (3); keeps the second look behind the words.
        const Bytes copy = copy_words(std::memory_order_acquire);
        // relaxed: (2) has made sure that it is not older than the words.
        if (version_.load(std::memory_order_relaxed) == before) return copy;
      }
      patience.pause();
    }
  }

  void replace(const T& data) {
    // relaxed: written by writers only, under the mutex.
    const std::uint64_t before = version_.load(std::memory_order_relaxed);
    // relaxed: (3) keeps it before the words.
    version_.store(before + 1, std::memory_order_relaxed);
    // (3) - release: who copies one of the words (2) sees the odd version, or a later one.
    store(data, std::memory_order_release);
    // (4) - release: who sees this version (1) copies these words, or later ones.
    version_.store(before + 2, std::memory_order_release);
  }

  // `order`: of every word, see the callers: relaxed, or acquire here and release there.
  Bytes copy_words(std::memory_order order) const {
    Bytes copy;
    for (std::size_t i = 0; i < kWords; ++i) {
      const Word word = words_[i].load(order);
      std::memcpy(copy.data() + i * sizeof(Word), &word, bytes_in(i));
    }
    return copy;
  }
  void store(const T& data, std::memory_order order) {
    const auto bytes = std::bit_cast<Bytes>(data);
    for (std::size_t i = 0; i < kWords; ++i) {
      Word word = 0;
      std::memcpy(&word, bytes.data() + i * sizeof(Word), bytes_in(i));
      words_[i].store(word, order);
    }
  }
  static constexpr std::size_t bytes_in(std::size_t word) {
    return word + 1 < kWords ? sizeof(Word) : sizeof(T) - (kWords - 1) * sizeof(Word);
  }

  alignas(kCacheLine) std::atomic<std::uint64_t> version_{0};
  std::array<std::atomic<Word>, kWords> words_{};
  [[no_unique_address]] mutable P reads_;  // sections that overlap with writes
  alignas(kCacheLine) std::mutex writers_;
  [[no_unique_address]] mutable P writes_;
};

struct SeqLock {
  template <class T, class P>
  requires std::is_trivially_copyable_v<T>
  using Cell = SeqLockCell<T, P>;

  static constexpr bool kReadsOutside = true;
  static constexpr LockContract kContract{.shared = true,
                                          .parks = true,
                                          .algorithm = "sequence lock, word-wise copies, writers park",
                                          .source = "Lameter 2005; Boehm 2012"};
};

}  // namespace crosstalk::pool
