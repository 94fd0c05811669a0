// What the harness knows of each client: its stays, kept apart from anything the server says. One client's entry is
// touched by one thread at a time (its driver, or whichever worker runs its strand), so there are no locks here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "harness/law_counts.h"
#include "harness/stay.h"
#include "pool/chat/message_arena.h"

namespace crosstalk::harness {

class ClientBook {
 public:
  // `alone`: one thread issues all operations, so deliveries cannot overtake each other.
  ClientBook(std::uint32_t clients, bool alone) : clients_(clients), alone_(alone) {}

  void joined(std::uint32_t client, std::uint32_t room, std::uint64_t before, std::uint64_t after);
  void left(std::uint32_t client, std::uint32_t room, std::uint64_t before, std::uint64_t after,
            LawCounts& counts);

  // The client's open stays, oldest first.
  template <class Visit>
  void for_each_open(std::uint32_t client, Visit&& visit) {
    for (Stay& stay : clients_[client].stays) {
      if (stay.open()) visit(stay);
    }
  }
  // The client's session has ended and all its stays are closed: nothing of them can arrive any more.
  void disconnected(std::uint32_t client, LawCounts& counts) {
    for (Stay& stay : clients_[client].stays) stay.excuse();
    settle(clients_[client], counts, Settle::closed);
  }

  // The client's open stay in the room, or nullptr.
  Stay* open_stay(std::uint32_t client, std::uint32_t room) noexcept;

  void received(std::uint32_t client, const pool::Delivery* deliveries, std::size_t count, LawCounts& counts);

  // The end of the trial, after the last receive: every stay is closed and judged.
  template <class Sequence>
  void finish(std::uint32_t client, Sequence&& sequence, LawCounts& counts) {
    for (Stay& stay : clients_[client].stays) {
      if (!stay.open()) continue;
      const std::uint64_t last = sequence(stay.room());
      stay.close(last, last);
    }
    settle(clients_[client], counts, Settle::everything);
  }

 private:
  // What is kept of a client's forgotten stays in a room.
  struct LastOwn {
    std::uint32_t room;
    std::uint64_t sequence;  // of its last post there
  };
  struct Client {
    std::vector<Stay> stays;         // oldest first
    std::vector<LastOwn> last_owns;  // from forgotten stays, one a room
    bool doubt = false;              // a stay was forgotten to which a post in doubt may still belong
  };
  enum class Settle : std::uint8_t { closed, everything };

  static Stay* newest_stay(Client& client, std::uint32_t room) noexcept;
  void received_one(std::uint32_t id, const pool::Delivery& delivery, LawCounts& counts);
  static void follow_tag(Client& client, const std::vector<Stay>::reverse_iterator& stay,
                         const pool::Message& message, std::uint64_t sequence);
  void settle(Client& client, LawCounts& counts, Settle what);
  static std::uint64_t last_own(Client& client, std::uint32_t room) noexcept;
  static void forget(Client& client, std::vector<Stay>::iterator& stay);

  std::vector<Client> clients_;
  bool alone_;
};

}  // namespace crosstalk::harness
