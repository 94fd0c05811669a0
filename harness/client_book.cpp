#include "harness/client_book.h"

#include <algorithm>

#include "harness/mix.h"

namespace crosstalk::harness {

namespace {

// Closed stays a client keeps: a delivery may still be on its way when the client has left the room. With several
// threads it can be late by the length of a preemption, in which a client rejoins a room a few times at most.
constexpr std::ptrdiff_t kClosedKept = 4;

void judge(const Stay& stay, bool alone, LawCounts& counts) {
  const std::uint64_t missing = stay.missing();
  counts.expected += stay.due() + stay.possible_received();
  counts.delivered += stay.received() + stay.possible_received();
  if (stay.excused()) {
    counts.expected -= missing;
    counts.excused += missing;
    // A session that ends holds a prefix of what it was sent; only posts that overtake each other may leave holes.
    if (alone) counts.missing += stay.skipped();
  } else {
    counts.missing += missing;
  }
}

}  // namespace

void LawCounts::add(const LawCounts& other) noexcept {
  issued += other.issued;
  accepted_posts += other.accepted_posts;
  accepted_directs += other.accepted_directs;
  recipients += other.recipients;
  joins += other.joins;
  leaves += other.leaves;
  connects += other.connects;
  disconnects += other.disconnects;
  marks += other.marks;
  uploads += other.uploads;
  thrown += other.thrown;
  received += other.received;
  received_directs += other.received_directs;
  direct_sent_hash += other.direct_sent_hash;
  direct_received_hash += other.direct_received_hash;
  expected += other.expected;
  delivered += other.delivered;
  excused += other.excused;
  missing += other.missing;
  duplicates += other.duplicates;
  unexpected += other.unexpected;
  inversions += other.inversions;
  disorder += other.disorder;
  damaged += other.damaged;
}

Stay* ClientBook::open_stay(std::uint32_t client, std::uint32_t room) noexcept {
  auto& stays = clients_[client].stays;
  // Newest first: the open stay in a room is the last one there.
  const auto found = std::find_if(stays.rbegin(), stays.rend(),
                                  [room](const Stay& stay) { return stay.room() == room && stay.open(); });
  return found == stays.rend() ? nullptr : &*found;
}

void ClientBook::joined(std::uint32_t client, std::uint32_t room, std::uint64_t before, std::uint64_t after) {
  const std::uint64_t own = last_own(clients_[client], room);
  clients_[client].stays.emplace_back(room, before, after, own);
}

// The client's latest post in the room, whichever stay it belongs to, or 0.
std::uint64_t ClientBook::last_own(Client& client, std::uint32_t room) noexcept {
  std::uint64_t newest = 0;
  for (const Stay& stay : client.stays) {
    if (stay.room() == room) newest = std::max(newest, stay.last_own());
  }
  for (const LastOwn& own : client.last_owns) {
    if (own.room == room) newest = std::max(newest, own.sequence);
  }
  return newest;
}

// Erases the stay and moves on. The number of the client's last post outlives it: the next one's tag continues it.
void ClientBook::forget(Client& client, std::vector<Stay>::iterator& stay) {
  const std::uint32_t room = stay->room();
  const std::uint64_t own = stay->last_own();
  stay = client.stays.erase(stay);
  if (own == 0) return;
  const auto kept = std::find_if(client.last_owns.begin(), client.last_owns.end(),
                                 [room](const LastOwn& last) { return last.room == room; });
  if (kept == client.last_owns.end()) {
    client.last_owns.push_back({room, own});
  } else {
    kept->sequence = std::max(kept->sequence, own);
  }
}

void ClientBook::left(std::uint32_t client, std::uint32_t room, std::uint64_t before, std::uint64_t after,
                      LawCounts& counts) {
  Stay* stay = open_stay(client, room);
  if (stay == nullptr) {
    ++counts.unexpected;  // the server let a client out of a room that it was not in
    return;
  }
  stay->close(before, after);
  settle(clients_[client], counts, Settle::closed);
}

void ClientBook::received(std::uint32_t client, const pool::Delivery* deliveries, std::size_t count,
                          LawCounts& counts) {
  // Messages were written long ago; who has them fetched ahead waits for none.
  constexpr std::size_t kAhead = 8;
  counts.received += count;
  Stay* stay = nullptr;
  for (std::size_t i = 0; i < count; ++i) {
    if (i + kAhead < count) __builtin_prefetch(deliveries[i + kAhead].message);
    const pool::Delivery& delivery = deliveries[i];
    const pool::Message& message = *delivery.message;
    // Stays neither come nor go here.
    if (stay == nullptr || stay->room() != message.room) stay = newest_stay(clients_[client], message.room);
    const bool in_turn = stay != nullptr && message.sequence == delivery.sequence &&
                         stay->arrive_in_turn(delivery.sequence, message.tag);
    if (!in_turn) received_one(client, delivery, counts);
  }
}

Stay* ClientBook::newest_stay(Client& client, std::uint32_t room) noexcept {
  const auto found = std::find_if(client.stays.rbegin(), client.stays.rend(),
                                  [room](const Stay& stay) { return stay.room() == room; });
  return found == client.stays.rend() ? nullptr : &*found;
}

void ClientBook::received_one(std::uint32_t id, const pool::Delivery& delivery, LawCounts& counts) {
  Client& client = clients_[id];
  const pool::Message& message = *delivery.message;
  if (message.room == pool::kNoRoom) {
    ++counts.received_directs;
    // The low half of the tag is the client that the message is for (Issuer::book_direct).
    if (static_cast<std::uint32_t>(message.tag) != id) ++counts.unexpected;
    counts.direct_received_hash += mix(message.sender, message.tag);
    return;
  }
  if (message.sequence != delivery.sequence) ++counts.damaged;
  for (auto stay = client.stays.rbegin(); stay != client.stays.rend(); ++stay) {
    // What was sent to an ended session must not reach the client's next one.
    if (stay->room() != message.room || stay->excused() || !stay->covers(delivery.sequence)) continue;
    if (stay->arrive(delivery.sequence) == Stay::Arrival::duplicate) {
      ++counts.duplicates;
      return;
    }
    const bool followed = std::any_of(client.stays.rbegin(), stay, [&](const Stay& later) {
      return later.room() == message.room && later.followed(message.sender, delivery.sequence);
    });
    if (stay->was_overtaken(delivery.sequence) || followed) ++counts.inversions;
    if (stay->out_of_order(delivery.sequence) && alone_) ++counts.disorder;
    follow_tag(client, stay, message, delivery.sequence);
    return;
  }
  // Of a stay already forgotten: possible only where threads overtake each other.
  if (alone_ || !client.doubt) ++counts.unexpected;
}

// The sender wrote its previous number in this room into the tag. It may belong to an earlier stay of this client, or
// to none: then any post of that sender which an earlier stay waits for is older.
void ClientBook::follow_tag(Client& client, const std::vector<Stay>::reverse_iterator& stay,
                            const pool::Message& message, std::uint64_t sequence) {
  if (message.tag == 0) return;
  bool waits = false;
  for (auto other = stay; other != client.stays.rend(); ++other) {
    if (other->room() != message.room || other->excused()) continue;
    if (other->covers(message.tag)) {
      if (other->lacks(message.tag)) other->overtake(message.tag);
      return;
    }
    waits = waits || (other != stay && !other->exhausted());
  }
  if (waits) stay->follow(message.sender, sequence);
}

void ClientBook::settle(Client& client, LawCounts& counts, Settle what) {
  auto& stays = client.stays;
  if (what == Settle::everything) {
    for (const Stay& stay : stays) judge(stay, alone_, counts);
    stays.clear();
    return;
  }
  const auto complete = [](const Stay& stay) {
    return !stay.open() && (stay.excused() || stay.missing() == 0);
  };
  auto surplus = std::count_if(stays.begin(), stays.end(), complete) - kClosedKept;
  for (auto stay = stays.begin(); surplus > 0 && stay != stays.end();) {
    if (!complete(*stay)) {
      ++stay;
      continue;
    }
    judge(*stay, alone_, counts);
    client.doubt = client.doubt || !stay->exhausted();
    --surplus;
    forget(client, stay);
  }
}

}  // namespace crosstalk::harness
