// snapshot/rcu: who is in a room is an immutable list (member_list.h); joins and leaves copy it, publish the copy and retire the
// old one. Posts, who, history and upload read whatever list is published, without a lock, under a pin of an epoch domain
// (sync/epoch.h), which is all that they write, in a slot of their thread's own; a post also writes the room's number, since
// numbers are what posts have in common. presence and direct read a word of the session's.
//
// The word of a room, RoomChannel::sequence, holds the number of its latest post and a version of its membership. A join or
// leave publishes the list (P), then adds 1 to the version (V); both under the room's lock, which is the writers' alone. A post
// reads the word (R), loads the list (L), and moves the word on by one number with a CAS against R (N), or begins again.
//
// The reach law. Let a and b be the numbers that are read before and after a join, n the number of a post.
//   n > b   the client must get it. N then comes after V in the word's order, for b was read after V. R is the value that N
//           replaced, V or later, so that L, after R, sees P (acquire and release): the client is in the list.
//   n <= a  it must not. a was read from N or later, before P. Were L to see P, then N would happen after P (L before N), and
//           so after the reading of a, which cannot have read from its own future.
// A leave is the same with list and list-without exchanged: above d not, up to c it must. In between, posts follow one after
// another: whoever has the higher number loaded the same list or a later one, as its R read from the other's N. So each
// post is numbered before the whole of a join or leave or after, as under a lock, but writers never wait for readers.
// A CAS that succeeds by accident, after 2^24 changes of the membership and no post, cannot be: all their lists are retired
// during the post's pin, and the domain lets at most 64 MiB of them wait, less than 2^20 lists.
//
// Writers: a client's join, leave, move, kick and end exclude each other by the client's lock; within, they take the lock of one
// room at a time. Invariant: client c is in room r's list exactly if r is in c's rooms, whenever c's lock is free. move joins
// `to`, then leaves `from`: who looks into both rooms meanwhile may find the client in both, never in neither.
//
// Progress: readers are lock-free and never wait; a post is passed only by posts and changes of its room. Writers block for each
// other, and for readers only when 64 MiB wait to be freed. Costs: a join or leave of a room of n members allocates and copies 8 n
// bytes, under the locks; so 10,000 clients that join one room one by one copy 400 MB. A lookup of a member is a binary search.
// Errors: std::bad_alloc, also from leave; a session that ends while no memory can be had stays in its lists until the client's
// next one begins, and a move that finds none for leaving `from` leaves the client in both rooms.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory_resource>
#include <mutex>
#include <vector>

#include "pool/cache_line.h"
#include "pool/chat/chat_types.h"
#include "pool/chat/member_list.h"
#include "pool/chat/membership_server.h"
#include "pool/chat/room_members.h"
#include "pool/containers/fixed_array.h"
#include "pool/locks/rw_lock.h"
#include "pool/sync/epoch.h"

namespace crosstalk::pool {

class SnapshotMembership {
  using Pin = EpochDomain::Pin;

 public:
  explicit SnapshotMembership(PlainChatCore& core)
      : core_(core),
        domain_(core.memory()),
        rooms_(core.memory(), core.options().rooms),
        clients_(core.memory(), core.options().clients, core.memory()) {}
  ~SnapshotMembership() {
    // relaxed: nobody else is here any more.
    for (Room& room : rooms_) MemberList::destroy(room.list.load(std::memory_order_relaxed));
  }
  SnapshotMembership(const SnapshotMembership&) = delete;
  SnapshotMembership& operator=(const SnapshotMembership&) = delete;

  void opened(SessionRef session) {
    Client& client = clients_[session.client];
    const std::scoped_lock guard(client.lock);
    leave_all(session.client, client);  // where the client's last session found no memory to
    // (1) - release: synchronizes with session_of() (2): who finds the session sees what was before it.
    client.session.store(std::uint64_t{session.generation} + 1, std::memory_order_release);
  }
  void ended(ClientId id) {
    Client& client = clients_[id];
    const std::scoped_lock guard(client.lock);
    // relaxed: who still finds the session comes before its end.
    client.session.store(kNoSession, std::memory_order_relaxed);
    leave_all(id, client);
  }

  Outcome join(ClientId id, RoomId room) {
    return with_session(id, [&](Client& client, SessionRef session) {
      make_place(client.rooms);
      const Outcome outcome = put_in(session, room);
      if (outcome == Outcome::ok) client.rooms.push_back(room);
      return outcome;
    });
  }
  Outcome kick(ClientId id, ClientId by, RoomId room) {
    return with_session(id, [&](Client& client, SessionRef) {
      const Outcome outcome = take_out(id, by, room);
      if (outcome == Outcome::ok) std::erase(client.rooms, room);
      return outcome;
    });
  }
  Outcome move(ClientId id, RoomId from, RoomId to) {
    return with_session(id, [&](Client& client, SessionRef session) {
      make_place(client.rooms);
      if (std::find(client.rooms.begin(), client.rooms.end(), from) == client.rooms.end())
        return Outcome::not_member;
      const Outcome outcome = put_in(session, to);
      if (outcome != Outcome::ok) return outcome;
      client.rooms.push_back(to);
      take_out(id, id, from);  // if it throws the client is in both, and so it is noted
      std::erase(client.rooms, from);
      return outcome;
    });
  }

  Outcome number(ClientId client, RoomId room, Recipients& recipients, std::uint64_t& sequence) {
    const Pin pin(domain_);
    std::atomic<std::uint64_t>& word = core_.channel(room).sequence;
    // R - acquire (with the CAS's on failure): synchronizes with V and with other posts' N.
    std::uint64_t seen = word.load(std::memory_order_acquire);
    const MemberList* known = nullptr;
    while (true) {
      const MemberList* const list = list_of(room);  // L
      if (list == nullptr || (list != known && !list->contains(client))) return Outcome::not_member;
      known = list;  // while pinned it is no other list at the same address
      // N - release: synchronizes with the R of later posts, which so load the same list or a later one.
      if (word.compare_exchange_weak(seen, seen + 1, std::memory_order_acq_rel, std::memory_order_acquire))
        break;
    }
    recipients.resize(known->size() - 1);
    known->copy_others(client, recipients.data());
    sequence = (seen + 1) & Channel::kNumberMask;
    return Outcome::ok;
  }
  Outcome address(ClientId client, ClientId target, SessionRef& recipient) const {
    if (!connected(client)) return Outcome::not_connected;
    const std::uint64_t session = session_of(target);
    if (session == kNoSession) return Outcome::no_such_client;
    recipient = {target, static_cast<std::uint32_t>(session - 1)};
    return Outcome::ok;
  }

  [[nodiscard]] bool connected(ClientId client) const noexcept { return session_of(client) != kNoSession; }
  [[nodiscard]] bool contains(RoomId room, ClientId client) const noexcept {
    const Pin pin(domain_);
    const MemberList* const list = list_of(room);
    return list != nullptr && list->contains(client);
  }
  void copy_members(RoomId room, Recipients& out) const {
    const Pin pin(domain_);
    const MemberList* const list = list_of(room);
    if (list == nullptr) return out.clear();
    out.assign(list->begin(), list->end());
  }

  [[nodiscard]] std::uint64_t memberships() const {
    const Pin pin(domain_);
    std::uint64_t sum = 0;
    for (RoomId room = 0; room < rooms_.size(); ++room) {
      const MemberList* const list = list_of(room);
      sum += list == nullptr ? 0 : list->size();
    }
    return sum;
  }
  [[nodiscard]] std::uint64_t sessions() const noexcept {
    std::uint64_t sum = 0;
    for (ClientId client = 0; client < clients_.size(); ++client) sum += connected(client) ? 1U : 0U;
    return sum;
  }

 private:
  using Channel = RoomChannel<std::mutex>;
  static constexpr std::uint64_t kNoSession = 0;

  struct alignas(kCacheLine) Room {
    std::atomic<MemberList*> list{nullptr};
    RwLock lock;  // of writers
  };
  struct alignas(64) Client {
    explicit Client(std::pmr::memory_resource* memory) : rooms(memory) {}

    std::atomic<std::uint64_t> session{kNoSession};  // its generation + 1
    RwLock lock;                                     // guards what follows, and all writing of `session`
    std::pmr::vector<RoomId> rooms;
  };

  [[nodiscard]] std::uint64_t session_of(ClientId client) const noexcept {
    // (2) - acquire: synchronizes with opened() (1).
    return clients_[client].session.load(std::memory_order_acquire);
  }
  // While pinned.
  [[nodiscard]] const MemberList* list_of(RoomId room) const noexcept {
    // L - acquire: synchronizes with P.
    return rooms_[room].list.load(std::memory_order_acquire);
  }

  template <class F>
  Outcome with_session(ClientId id, F&& f) {
    Client& client = clients_[id];
    const std::scoped_lock guard(client.lock);
    // relaxed: written under the lock.
    const std::uint64_t session = client.session.load(std::memory_order_relaxed);
    if (session == kNoSession) return Outcome::not_connected;
    return f(client, SessionRef{id, static_cast<std::uint32_t>(session - 1)});
  }

  // Under the client's lock, as the two that follow.
  void leave_all(ClientId id, Client& client) {
    for (; !client.rooms.empty(); client.rooms.pop_back()) take_out(id, id, client.rooms.back());
  }
  Outcome put_in(SessionRef session, RoomId room) {
    return change(room, [&](const MemberList* list, MemberList*& next) {
      if (list != nullptr && list->contains(session.client)) return Outcome::already_member;
      next = MemberList::with(list, session, core_.memory());
      return Outcome::ok;
    });
  }
  Outcome take_out(ClientId client, ClientId by, RoomId room) {
    return change(room, [&](const MemberList* list, MemberList*& next) {
      if (by != client && (list == nullptr || !list->contains(by))) return Outcome::not_permitted;
      if (list == nullptr || !list->contains(client)) return Outcome::not_member;
      next = MemberList::without(*list, client, core_.memory());
      return Outcome::ok;
    });
  }

  // make(list, next) sets the room's next list from its present one.
  template <class Make>
  Outcome change(RoomId id, Make&& make) {
    Room& room = rooms_[id];
    MemberList* old = nullptr;
    {
      const std::scoped_lock guard(room.lock);
      // relaxed: written under the lock.
      old = room.list.load(std::memory_order_relaxed);
      MemberList* next = nullptr;
      if (const Outcome outcome = make(old, next); outcome != Outcome::ok) return outcome;
      // P - release: synchronizes with L.
      room.list.store(next, std::memory_order_release);
      // V - acq_rel. release: synchronizes with R, which so sees P. acquire: hands on what the posts before it released.
      core_.channel(id).sequence.fetch_add(Channel::kNumberMask + 1, std::memory_order_acq_rel);
    }
    if (old != nullptr) domain_.retire(old);
    return Outcome::ok;
  }

  PlainChatCore& core_;
  mutable EpochDomain domain_;
  FixedArray<Room> rooms_;
  FixedArray<Client> clients_;
};

using SnapshotServer = MembershipServer<SnapshotMembership>;

}  // namespace crosstalk::pool
