#include "pool/events/envelope.h"

#include <algorithm>
#include <memory>

namespace crosstalk::pool::detail {

namespace {

std::align_val_t envelope_alignment(const EventType& type) noexcept {
  return std::align_val_t{std::max({type.alignment, alignof(Envelope), alignof(Link)})};
}

}  // namespace

Envelope* Envelope::make(const EventType& type, const void* event, std::size_t links) {
  const std::size_t head = sizeof(Envelope) + links * sizeof(Link);
  const std::size_t place = (head + type.alignment - 1) / type.alignment * type.alignment;
  void* const memory = ::operator new(place + type.size, envelope_alignment(type));
  auto* const envelope = new (memory) Envelope(type, links);
  void* const copy = static_cast<std::byte*>(memory) + place;
  try {
    type.copy(copy, event);
  } catch (...) {
    ::operator delete(memory, envelope_alignment(type));
    throw;
  }
  std::uninitialized_default_construct_n(envelope->links(), links);
  envelope->event_ = copy;
  return envelope;
}

void Envelope::destroy() noexcept {
  const EventType& type = *type_;
  type.destroy(event_);
  ::operator delete(static_cast<void*>(this), envelope_alignment(type));
}

}  // namespace crosstalk::pool::detail
