// For tests: a server that goes wrong once, as planned.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <shared_mutex>

#include "harness/faulty_batch_help.h"
#include "harness/live_probe.h"
#include "pool/chat/coarse_server.h"

namespace crosstalk::harness {

// What goes wrong in the next server that is made, once, at the first occasion after `after` of them.
struct FaultPlan {
  Fault fault = Fault::none;
  std::int64_t after = 0;
};

// A coarse server with the planned fault. Calls run together as ever; the one that goes wrong has the server
// to itself.
class FaultyServer : public pool::CoarseServer<std::mutex, LiveProbe> {
 public:
  using Inner = pool::CoarseServer<std::mutex, LiveProbe>;
  using Caller = pool::Caller;
  using Client = pool::ClientId;
  using Room = pool::RoomId;
  using Outcome = pool::Outcome;
  using PostResult = pool::PostResult;

  static inline FaultPlan plan;

  explicit FaultyServer(const pool::ServerOptions& options)
      : Inner(options), clients_(options.clients), fault_(plan.fault), left_(plan.after) {
    set_happened(false);
  }

  // Did it go wrong?
  // relaxed: changed by the one call that holds the gate; who reads it without may be late and looks again
  // there.
  [[nodiscard]] static bool happened() noexcept { return happened_.load(std::memory_order_relaxed); }

  Outcome connect(Caller& caller, Client client) {
    return moving(client, [&] { return Inner::connect(caller, client); });
  }
  Outcome disconnect(Caller& caller, Client client) {
    return moving(client, [&] { return Inner::disconnect(caller, client); });
  }
  Outcome join(Caller& caller, Client client, Room room) {
    return moving(client, [&] { return Inner::join(caller, client, room); });
  }
  Outcome move(Caller& caller, Client client, Room from, Room to) {
    return moving(client, [&] { return Inner::move(caller, client, from, to); });
  }
  Outcome kick(Caller& caller, Client client, Client by, Room room) {
    return moving(client, [&] { return Inner::kick(caller, client, by, room); });
  }

  Outcome leave(Caller& caller, Client client, Room room) {
    if (!pending(Fault::lost_leave) && !pending(Fault::after_leave)) {
      return together([&] { return Inner::leave(caller, client, room); });
    }
    const std::unique_lock gate(gate_);
    const Outcome outcome = Inner::leave(caller, client, room);
    if (outcome != Outcome::ok || !due(1)) return outcome;
    if (pending(Fault::lost_leave)) {
      Inner::join(caller, client, room);
      set_happened(true);
    } else if (pending(Fault::after_leave)) {
      ghost_ = Ghost{client, room, false};
    }
    return outcome;
  }

  PostResult post(Caller& caller, Client client, Room room, std::uint64_t tag, std::uint32_t bytes,
                  const pool::PostWatch& watch) {
    const auto send = [&] { return Inner::post(caller, client, room, tag, bytes, watch); };
    if (!pending(Fault::skip_member) && !pending(Fault::after_leave) && !pending(Fault::same_number)) {
      return together(send);
    }
    const std::unique_lock gate(gate_);
    if (pending(Fault::skip_member)) return skipping_one(caller, client, room, send);
    if (pending(Fault::same_number)) return numbered_alike(caller, client, room, send());
    return reaching_the_ghost(caller, client, room, send);
  }

  PostResult direct(Caller& caller, Client client, Client target, std::uint64_t tag, std::uint32_t bytes,
                    const pool::PostWatch& watch) {
    if (!pending(Fault::wrong_client)) {
      return together([&] { return Inner::direct(caller, client, target, tag, bytes, watch); });
    }
    const std::unique_lock gate(gate_);
    Client other = (target + 1) % clients_;
    while (other != target && !Inner::presence(caller, other)) other = (other + 1) % clients_;
    const bool wrong =
        pending(Fault::wrong_client) && Inner::presence(caller, target) && other != target && due(1);
    if (wrong) set_happened(true);
    return Inner::direct(caller, client, wrong ? other : target, tag, bytes, watch);
  }

  template <class Visit>
  std::size_t receive(Caller& caller, Client client, Visit&& visit) {
    if (pending(Fault::after_leave)) {
      const std::unique_lock gate(gate_);
      settle_ghost(client);
    }
    const bool spoils = fault_ >= Fault::drop && fault_ <= Fault::damage && !happened();
    if (!spoils && renumbered() == 0) {
      return together([&] { return Inner::receive(caller, client, visit); });
    }
    const std::unique_lock gate(gate_);
    std::size_t handed_out = 0;
    Inner::receive(caller, client, [&](const pool::Delivery* deliveries, std::size_t count) {
      Batch batch(deliveries, deliveries + count);
      renumber(batch);
      std::byte* const damaged = spoils ? spoil_when_due(batch) : nullptr;
      handed_out = batch.size();
      if (handed_out > 0) visit(batch.data(), handed_out);
      if (damaged != nullptr) *damaged ^= std::byte{1};  // whole again for the others
    });
    return handed_out;
  }

  template <class Visit>
  Outcome history(Caller& caller, Client client, Room room, std::uint32_t count, Visit&& visit) {
    return together([&] { return Inner::history(caller, client, room, count, visit); });
  }
  Outcome who(Caller& caller, Room room) {
    return together([&] { return Inner::who(caller, room); });
  }

 private:
  struct Ghost {
    Client client;
    Room room;
    bool settled;  // the client has done something since: its leave is over, and the harness knows where it
                   // ended
  };

  // relaxed: see happened().
  static void set_happened(bool value) noexcept { happened_.store(value, std::memory_order_relaxed); }
  [[nodiscard]] bool pending(Fault fault) const noexcept { return fault_ == fault && !happened(); }
  // relaxed: set under the gate; who misses it hands out the old number beside the message's new one, a fault
  // as well.
  [[nodiscard]] std::uint64_t renumbered() const noexcept {
    return renumbered_.load(std::memory_order_relaxed);
  }

  // Counts occasions; true from the planned one on. Under the gate, as all that follows.
  bool due(std::int64_t occasions) noexcept {
    left_ -= occasions;
    return left_ < 0;
  }

  template <class F>
  std::invoke_result_t<F> together(F&& call) {
    const std::shared_lock gate(gate_);
    return call();
  }
  // A client that comes or goes is no ghost any more.
  template <class F>
  Outcome moving(Client client, F&& call) {
    if (!pending(Fault::after_leave)) return together(call);
    const std::unique_lock gate(gate_);
    if (ghost_ && ghost_->client == client) ghost_.reset();
    return call();
  }

  void settle_ghost(Client client) {
    if (ghost_ && ghost_->client == client) ghost_->settled = true;
  }

  template <class Send>
  PostResult skipping_one(Caller& caller, Client client, Room room, Send&& send) {
    Inner::who(caller, room);
    const auto& members = caller.recipients;
    const auto is_poster = [&](pool::SessionRef member) { return member.client == client; };
    const auto victim = std::find_if_not(members.begin(), members.end(), is_poster);
    if (victim == members.end() || std::none_of(members.begin(), members.end(), is_poster) || !due(1))
      return send();
    const Client skipped = victim->client;
    Inner::leave(caller, skipped, room);
    const PostResult result = send();
    Inner::join(caller, skipped, room);
    set_happened(true);
    return result;
  }

  template <class Send>
  PostResult reaching_the_ghost(Caller& caller, Client client, Room room, Send&& send) {
    settle_ghost(client);
    const bool near = ghost_ && ghost_->settled && ghost_->room == room && ghost_->client != client;
    if (!near || !pending(Fault::after_leave) || Inner::join(caller, ghost_->client, room) != Outcome::ok)
      return send();
    const PostResult result = send();
    Inner::leave(caller, ghost_->client, room);
    set_happened(result.outcome == Outcome::ok);
    return result;
  }

  PostResult numbered_alike(Caller& caller, Client client, Room room, PostResult result) {
    if (result.outcome != Outcome::ok || result.recipients == 0 || result.sequence < 2 || !due(1))
      return result;
    Inner::history(caller, client, room, 1, [](const pool::Delivery* newest, std::size_t) {
      --const_cast<pool::Message*>(newest->message)->sequence;
    });
    renumbered_room_ = room;
    // relaxed: see renumbered().
    renumbered_.store(result.sequence--, std::memory_order_relaxed);
    set_happened(true);
    return result;
  }
  void renumber(Batch& batch) const noexcept {
    for (pool::Delivery& delivery : batch) {
      if (delivery.message->room == renumbered_room_ && delivery.sequence == renumbered())
        --delivery.sequence;
    }
  }

  std::byte* spoil_when_due(Batch& batch) {
    const auto size = static_cast<std::int64_t>(batch.size());
    if (happened() || !due(size)) return nullptr;
    const auto at = static_cast<std::size_t>(std::max<std::int64_t>(0, size + left_));
    left_ = -size;  // if this batch gives no occasion the next one's first delivery will do
    const Spoiled spoiled = spoil(batch, fault_, at);
    set_happened(spoiled.done);
    return spoiled.damaged;
  }

  Client clients_;
  Fault fault_;
  std::shared_mutex gate_;  // guards the rest; held alone by the call that goes wrong
  std::int64_t left_;       // occasions until it is time
  std::optional<Ghost> ghost_;
  std::atomic<std::uint64_t> renumbered_{
      0};  // the number that a post of renumbered_room_ had at first; 0: none
  Room renumbered_room_ = 0;

  static inline std::atomic<bool> happened_{false};
};

}  // namespace crosstalk::harness
