// member_list: who is in a room, as a value that never changes: sessions by ascending client, in one block of memory. A change
// makes a copy. An empty room has none (nullptr).
//
// Cost: with_() and without() copy the list, O(members); contains() is a binary search. Errors: std::bad_alloc.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <new>
#include <type_traits>

#include "pool/chat/chat_types.h"
#include "pool/sync/epoch.h"

namespace crosstalk::pool {

class MemberList : public EpochDomain::Retired {
 public:
  // The list with one session more, whose client is not in it. `list` may be null, as below.
  static MemberList* with(const MemberList* list, SessionRef session, std::pmr::memory_resource* memory) {
    const std::uint32_t size = list == nullptr ? 0 : list->size_;
    MemberList* const longer = make(size + 1, memory);
    SessionRef* const place = list == nullptr
                                  ? longer->first()
                                  : std::copy(list->begin(), list->place_of(session.client), longer->first());
    *place = session;
    if (list != nullptr) std::copy(list->place_of(session.client), list->end(), place + 1);
    return longer;
  }
  // The list without a client that is in it.
  static MemberList* without(const MemberList& list, ClientId client, std::pmr::memory_resource* memory) {
    if (list.size_ == 1) return nullptr;
    MemberList* const shorter = make(list.size_ - 1, memory);
    list.copy_others(client, shorter->first());
    return shorter;
  }
  // Of a list that nobody has seen, or when nobody sees it any more.
  static void destroy(MemberList* list) noexcept {
    if (list != nullptr) list->free_it(list);
  }

  [[nodiscard]] std::uint32_t size() const noexcept { return size_; }
  [[nodiscard]] const SessionRef* begin() const noexcept {
    return reinterpret_cast<const SessionRef*>(this + 1);
  }
  [[nodiscard]] const SessionRef* end() const noexcept { return begin() + size_; }
  [[nodiscard]] bool contains(ClientId client) const noexcept {
    const SessionRef* const place = place_of(client);
    return place != end() && place->client == client;
  }
  // Writes the members without `client`, who is one, to out[0 .. size() - 2].
  void copy_others(ClientId client, SessionRef* out) const noexcept {
    const SessionRef* const mine = place_of(client);
    std::copy(mine + 1, end(), std::copy(begin(), mine, out));
  }

 private:
  MemberList(std::uint32_t size, std::pmr::memory_resource* memory) noexcept : memory_(memory), size_(size) {
    bytes = bytes_of(size);
    free_it = [](Retired* retired) noexcept {
      auto* const list = static_cast<MemberList*>(retired);
      list->memory_->deallocate(list, list->bytes, alignof(MemberList));
    };
  }

  static std::size_t bytes_of(std::uint32_t size) noexcept {
    return sizeof(MemberList) + size * sizeof(SessionRef);
  }
  static MemberList* make(std::uint32_t size, std::pmr::memory_resource* memory) {
    void* const block = memory->allocate(bytes_of(size), alignof(MemberList));
    auto* const list = ::new (block) MemberList(size, memory);
    std::uninitialized_default_construct_n(list->first(), size);
    return list;
  }

  [[nodiscard]] SessionRef* first() noexcept { return reinterpret_cast<SessionRef*>(this + 1); }
  [[nodiscard]] const SessionRef* place_of(ClientId client) const noexcept {
    return std::lower_bound(begin(), end(), client,
                            [](const SessionRef& member, ClientId id) { return member.client < id; });
  }

  std::pmr::memory_resource* memory_;
  std::uint32_t size_;
};
static_assert(std::is_trivially_destructible_v<MemberList> && alignof(MemberList) >= alignof(SessionRef));

}  // namespace crosstalk::pool
