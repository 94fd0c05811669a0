// envelope: one copy of an event for all queued deliveries of one publish(), with the links that put it into their
// mailboxes, in one allocation.
//
// Ownership: counted. The publisher holds a reference for each link and one of its own; every link that is taken out of a
// mailbox gives back one. The last one destroys the copy. Progress: wait-free but for allocation.
#pragma once

#include <atomic>
#include <cstddef>
#include <new>
#include <type_traits>

namespace crosstalk::pool::detail {

// What the untyped part of the bus has to know of an event's type. Its address is the type's identity.
struct EventType {
  std::size_t size;
  std::size_t alignment;
  void (*copy)(void* to, const void* from);  // null if it cannot be copied
  void (*destroy)(void* event) noexcept;
};

template <class Event>
constexpr EventType event_type_of() noexcept {
  EventType type{sizeof(Event), alignof(Event), nullptr,
                 [](void* event) noexcept { static_cast<Event*>(event)->~Event(); }};
  if constexpr (std::is_copy_constructible_v<Event>) {
    type.copy = [](void* to, const void* from) { new (to) Event(*static_cast<const Event*>(from)); };
  }
  return type;
}
template <class Event>
inline constexpr EventType kEventType = event_type_of<Event>();

class Envelope;

struct Link {
  Link* next;
  Envelope* envelope;
};

class Envelope {
 public:
  // A copy of the event with `links` links. Throws what the copy or the allocation throws.
  static Envelope* make(const EventType& type, const void* event, std::size_t links);

  [[nodiscard]] const void* event() const noexcept { return event_; }
  // The publisher's: the next unused link.
  [[nodiscard]] Link& take_link() noexcept {
    Link& link = links()[used_++];
    link.envelope = this;
    return link;
  }
  // The publisher's, at the end: gives back what it did not use.
  void close() noexcept { release(links_ - used_ + 1); }
  void release(std::size_t count) noexcept {
    // acq_rel: the last one synchronizes with all others, which have finished reading the event.
    if (references_.fetch_sub(count, std::memory_order_acq_rel) == count) destroy();
  }

 private:
  Envelope(const EventType& type, std::size_t links) noexcept
      : references_(links + 1), links_(links), type_(&type) {}
  [[nodiscard]] Link* links() noexcept { return reinterpret_cast<Link*>(this + 1); }
  void destroy() noexcept;

  std::atomic<std::size_t> references_;
  std::size_t links_;
  std::size_t used_ = 0;
  const EventType* type_;
  void* event_ = nullptr;
};

// Gives references back in groups: neighbours in a mailbox or batch mostly come from one publish(), and its envelope is
// shared by all workers.
class EnvelopeReturns {
 public:
  EnvelopeReturns() = default;
  EnvelopeReturns(const EnvelopeReturns&) = delete;
  EnvelopeReturns& operator=(const EnvelopeReturns&) = delete;
  ~EnvelopeReturns() { flush(); }

  void add(Envelope* envelope) noexcept {
    if (envelope != envelope_) flush();
    envelope_ = envelope;
    ++count_;
  }
  void flush() noexcept {
    if (count_ > 0) envelope_->release(count_);
    count_ = 0;
  }

 private:
  Envelope* envelope_ = nullptr;
  std::size_t count_ = 0;
};

}  // namespace crosstalk::pool::detail
