#include "pool/chat/message_arena.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "pool/cache_line.h"

namespace crosstalk::pool {

namespace {
constexpr std::size_t kSlabBytes = 64 * 1024;
}  // namespace

struct Slab {
  // The count has a line of its own: receivers write it while the writer fills the messages behind it.
  alignas(kCacheLine) std::atomic<std::int64_t> references{1};
  std::size_t bytes = kSlabBytes;
  alignas(kCacheLine) std::byte first;
};

namespace {

constexpr std::size_t kFirst = offsetof(Slab, first);

Slab* slab_of(const Message* message) noexcept {
  // A message begins in the first 64 KiB of its slab even where the slab is larger, so masking finds the head.
  return reinterpret_cast<Slab*>(reinterpret_cast<std::uintptr_t>(message) & ~(kSlabBytes - 1));
}

std::uintptr_t difference(const Message* a, const Message* b) noexcept {
  return reinterpret_cast<std::uintptr_t>(a) ^ reinterpret_cast<std::uintptr_t>(b);
}

constexpr std::size_t message_bytes(std::uint32_t body) noexcept {
  const std::size_t all = sizeof(Message) + body;
  return (all + alignof(Message) - 1) & ~(alignof(Message) - 1);
}

}  // namespace

MessageArena::~MessageArena() {
  for (Slab* slab : all_) give_back(slab);
}

void MessageArena::give_back(Slab* slab) noexcept {
  const std::size_t bytes = slab->bytes;
  slab->~Slab();
  memory_->deallocate(slab, bytes, kSlabBytes);
}

MessageArena::Writer::Writer(Writer&& other) noexcept
    : arena_(other.arena_), slab_(std::exchange(other.slab_, nullptr)), used_(other.used_) {}

MessageArena::Writer::~Writer() {
  seal();
}

void MessageArena::Writer::seal() noexcept {
  if (slab_ == nullptr) return;
  // (1) - acq_rel: releases this thread's writes to whoever recycles the slab, synchronizes with (2).
  if (slab_->references.fetch_sub(1, std::memory_order_acq_rel) == 1) arena_->recycle(slab_);
  slab_ = nullptr;
}

Message* MessageArena::Writer::place(RoomId room, ClientId sender, std::uint64_t tag, std::uint32_t bytes) {
  const std::size_t size = message_bytes(bytes);
  // Behind a large message there may be room, but not in the first 64 KiB: see slab_of().
  if (slab_ == nullptr || used_ >= kSlabBytes || used_ + size > slab_->bytes) {
    seal();
    slab_ = arena_->take_slab(kFirst + size);
    used_ = kFirst;
  }
  auto* place = reinterpret_cast<std::byte*>(slab_) + used_;
  auto* message =
      new (place) Message{.sequence = 0, .tag = tag, .room = room, .sender = sender, .bytes = bytes};
  used_ += size;
  return message;
}

Message* MessageArena::Writer::write(RoomId room, ClientId sender, std::uint64_t tag, std::uint32_t bytes) {
  Message* const message = place(room, sender, tag, bytes);
  std::memset(static_cast<void*>(message + 1), static_cast<int>(tag & 0xff), bytes);
  return message;
}

Message* MessageArena::Writer::copy(RoomId room, ClientId sender, std::uint64_t tag, std::string_view body) {
  Message* const message = place(room, sender, tag, static_cast<std::uint32_t>(body.size()));
  if (!body.empty()) std::memcpy(static_cast<void*>(message + 1), body.data(), body.size());
  return message;
}

void MessageArena::acquire(const Message* message, std::int64_t count) noexcept {
  // relaxed: the caller's own hold keeps the slab alive; what orders the message itself is the inbox's lock.
  slab_of(message)->references.fetch_add(count, std::memory_order_relaxed);
}

void MessageArena::release(const Message* message, std::int64_t count) noexcept {
  if (count == 0) return;
  Slab* slab = slab_of(message);
  // (2) - acq_rel: the last release synchronizes with all earlier ones, (1) and (2), before the slab is reused.
  if (slab->references.fetch_sub(count, std::memory_order_acq_rel) == count) recycle(slab);
}

void MessageArena::release(const Delivery* deliveries, std::size_t count) noexcept {
  release_runs(count, [deliveries](std::size_t i) { return deliveries[i].message; });
}

void MessageArena::release(const Message* const* messages, std::size_t count) noexcept {
  release_runs(count, [messages](std::size_t i) { return messages[i]; });
}

template <class MessageAt>
void MessageArena::release_runs(std::size_t count, const MessageAt& message_at) noexcept {
  std::size_t begin = 0;
  while (begin < count) {
    const Message* const first = message_at(begin);
    std::size_t end = begin + 1;
    // Mostly all are of one slab: the addresses differ in their low bits only, which needs no branch to find out.
    std::uintptr_t different = 0;
    for (std::size_t i = end; i < count; ++i) different |= difference(first, message_at(i));
    if (different < kSlabBytes) end = count;
    while (end < count && difference(first, message_at(end)) < kSlabBytes) ++end;
    release(first, static_cast<std::int64_t>(end - begin));
    begin = end;
  }
}

std::size_t MessageArena::slabs() const {
  const std::scoped_lock guard(mutex_);
  return all_.size();
}

std::size_t MessageArena::slabs_in_use() const {
  const std::scoped_lock guard(mutex_);
  return all_.size() - free_.size();
}

Slab* MessageArena::take_slab(std::size_t bytes) {
  const std::scoped_lock guard(mutex_);
  const std::size_t rounded = (std::max(bytes, kSlabBytes) + kSlabBytes - 1) & ~(kSlabBytes - 1);
  if (rounded == kSlabBytes && !free_.empty()) {
    Slab* slab = free_.back();
    free_.pop_back();
    // relaxed: nobody else knows this slab; the mutex ordered it behind its recycling.
    slab->references.store(1, std::memory_order_relaxed);
    return slab;
  }
  if (all_.size() == all_.capacity()) all_.reserve(std::max(std::size_t{16}, 2 * all_.size()));
  free_.reserve(all_.capacity());  // recycle() must not allocate
  auto* slab = new (memory_->allocate(rounded, kSlabBytes)) Slab;
  slab->bytes = rounded;
  all_.push_back(slab);
  return slab;
}

void MessageArena::recycle(Slab* slab) noexcept {
  const std::scoped_lock guard(mutex_);
  if (slab->bytes == kSlabBytes) {
    free_.push_back(slab);
    return;
  }
  // A message of more than a slab is rare: its memory goes back where it came from.
  all_.erase(std::find(all_.begin(), all_.end(), slab));
  give_back(slab);
}

}  // namespace crosstalk::pool
