// Turns an operation of the trace into a call of the server, times the call, and keeps the books that the laws are
// checked against. One issuer per thread; the book-keeping stands outside the timed part.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "harness/client_book.h"
#include "harness/clock.h"
#include "harness/journal.h"
#include "harness/law_counts.h"
#include "harness/mix.h"
#include "harness/trial_input.h"
#include "pool/chat/chat_server.h"
#include "workloads/op.h"

namespace crosstalk::harness {

// What became of one operation; instants in ticks, 0 where nothing was timed.
struct Issued {
  std::uint64_t started = 0;
  std::uint64_t ended = 0;
  std::uint64_t first = 0;  // the message lay in the first recipient's inbox; 0: it had none
  std::uint64_t last = 0;   // in every recipient's
  std::uint64_t recipients = 0;
  bool error = false;  // the server refused it
};

// Stamps a post's way through the inboxes.
class DeliveryStamps {
 public:
  DeliveryStamps(const Clock& clock, Issued& issued) noexcept : clock_(clock), issued_(issued) {}
  void first() noexcept { issued_.first = clock_.now(); }
  void last() noexcept { issued_.last = clock_.now(); }

 private:
  const Clock& clock_;
  Issued& issued_;
};

template <pool::ChatOperations S, bool timed>
class Issuer {
 public:
  using Op = workloads::Op;
  using Kind = workloads::OpKind;

  // `book` null: nothing is checked. `journal` null: nothing is digested. All must outlive the issuer.
  Issuer(S& server, const Clock& clock, Checks checks, ClientBook* book, Journal* journal)
      : server_(server),
        clock_(clock),
        caller_(server.make_caller()),
        book_(book),
        journal_(journal),
        full_(checks == Checks::full) {}

  [[gnu::always_inline]] Issued issue(const Op& op) {
    Issued issued;
    ++counts_.issued;
    if constexpr (pool::CountingServer<S>) {
      call(op, issued);
    } else if (book_ == nullptr) {
      call(op, issued);
    } else {
      call_and_book(op, issued);
    }
    return issued;
  }

  // Takes what waits for the client.
  Issued receive(std::uint32_t client) {
    Issued issued;
    ++counts_.issued;
    const auto visit = [&](const pool::Delivery* deliveries, std::size_t count) {
      take(client, deliveries, count);
    };
    issued.recipients = time(issued, [&] { return server_.receive(caller_, client, visit); });
    return issued;
  }

  [[nodiscard]] LawCounts& counts() noexcept { return counts_; }

 private:
  using Outcome = pool::Outcome;

  template <class F>
  auto time(Issued& issued, F&& call) {
    if constexpr (timed) issued.started = clock_.now();
    auto result = std::forward<F>(call)();
    if constexpr (timed) issued.ended = clock_.now();
    return result;
  }

  static bool refused(Outcome outcome) noexcept { return outcome != Outcome::ok; }

  // The bare call. Tags carry nothing here. Always inlined: where there are no books it is all that an operation does.
  [[gnu::always_inline]] void call(const Op& op, Issued& issued) {
    switch (op.kind) {
      case Kind::connect:
        issued.error = refused(time(issued, [&] { return server_.connect(caller_, op.client); }));
        break;
      case Kind::disconnect:
        issued.error = refused(disconnect(op, issued));
        break;
      case Kind::join:
        issued.error = refused(time(issued, [&] { return server_.join(caller_, op.client, op.room); }));
        break;
      case Kind::leave:
        issued.error = refused(time(issued, [&] { return server_.leave(caller_, op.client, op.room); }));
        break;
      case Kind::move:
        issued.error = refused(move(op, issued));
        break;
      case Kind::post:
        post(op, issued, op.client);
        break;
      case Kind::direct:
        direct(op, issued, op.client);
        break;
      case Kind::history:
        issued.error = refused(history(op, issued, [](const pool::Delivery*, std::size_t) {}));
        break;
      case Kind::who:
        issued.error = refused(time(issued, [&] { return server_.who(caller_, op.room); }));
        break;
      case Kind::presence:
        time(issued, [&] { return server_.presence(caller_, op.target); });
        break;
      case Kind::mark:
        issued.error = refused(time(issued, [&] { return server_.mark(caller_, op.room); }));
        break;
      case Kind::receive:
      case Kind::upload:
      case Kind::kick:
        issued.error = true;
        break;  // no trace holds these
    }
  }

  Outcome disconnect(const Op& op, Issued& issued) {
    return time(issued, [&] { return server_.disconnect(caller_, op.client); });
  }
  Outcome move(const Op& op, Issued& issued) {
    return time(issued, [&] { return server_.move(caller_, op.client, op.room, op.target); });
  }
  pool::PostResult post(const Op& op, Issued& issued, std::uint64_t tag) {
    const pool::PostResult result = send(
        issued, [&](auto&& hook) { return server_.post(caller_, op.client, op.room, tag, op.bytes, hook); });
    return result;
  }
  pool::PostResult direct(const Op& op, Issued& issued, std::uint64_t tag) {
    return send(issued, [&](auto&& hook) {
      return server_.direct(caller_, op.client, op.target, tag, op.bytes, hook);
    });
  }
  template <class F>
  pool::PostResult send(Issued& issued, F&& with_hook) {
    pool::PostResult result;
    if constexpr (timed) {
      DeliveryStamps stamps(clock_, issued);
      result = time(issued, [&] { return with_hook(stamps); });
    } else {
      pool::NoDeliveryHook none;
      result = with_hook(none);
    }
    issued.error = refused(result.outcome);
    issued.recipients = result.recipients;
    return result;
  }
  template <class Visit>
  Outcome history(const Op& op, Issued& issued, Visit&& visit) {
    return time(issued, [&] { return server_.history(caller_, op.client, op.room, op.target, visit); });
  }

  // The call, with what the laws need to know noted before and after it.
  void call_and_book(const Op& op, Issued& issued) requires(!pool::CountingServer<S>) {
    switch (op.kind) {
      case Kind::connect:
        call(op, issued);
        counts_.connects += issued.error ? 0 : 1;
        break;
      case Kind::disconnect:
        book_disconnect(op, issued);
        break;
      case Kind::join:
        book_join(op, issued);
        break;
      case Kind::leave:
        book_leave(op, issued);
        break;
      case Kind::move:
        book_move(op, issued);
        break;
      case Kind::post:
        book_post(op, issued);
        break;
      case Kind::direct:
        book_direct(op, issued);
        break;
      case Kind::history:
        book_history(op, issued);
        break;
      case Kind::who:
        book_who(op, issued);
        break;
      case Kind::presence:
        note(time(issued, [&] { return server_.presence(caller_, op.target); }) ? 1 : 0);
        break;
      case Kind::mark:
        call(op, issued);
        counts_.marks += issued.error ? 0 : 1;
        break;
      default:
        call(op, issued);
    }
    note(issued.error ? 1 : 0, issued.recipients);
  }

  void book_join(const Op& op, Issued& issued) {
    const std::uint64_t before = server_.sequence(op.room);
    call(op, issued);
    if (issued.error) return;
    ++counts_.joins;
    book_->joined(op.client, op.room, before, server_.sequence(op.room));
  }

  void book_leave(const Op& op, Issued& issued) {
    const std::uint64_t before = server_.sequence(op.room);
    call(op, issued);
    if (issued.error) return;
    ++counts_.leaves;
    book_->left(op.client, op.room, before, server_.sequence(op.room), counts_);
  }

  void book_move(const Op& op, Issued& issued) {
    const std::uint64_t left_before = server_.sequence(op.room);
    const std::uint64_t joined_before = server_.sequence(op.target);
    call(op, issued);
    if (issued.error) return;
    ++counts_.leaves;
    ++counts_.joins;
    book_->left(op.client, op.room, left_before, server_.sequence(op.room), counts_);
    book_->joined(op.client, op.target, joined_before, server_.sequence(op.target));
  }

  void book_disconnect(const Op& op, Issued& issued) {
    before_.clear();
    book_->for_each_open(op.client, [&](Stay& stay) { before_.push_back(server_.sequence(stay.room())); });
    call(op, issued);
    if (issued.error) return;
    ++counts_.disconnects;
    counts_.leaves += before_.size();
    auto before = before_.begin();
    book_->for_each_open(op.client,
                         [&](Stay& stay) { stay.close(*before++, server_.sequence(stay.room())); });
    book_->disconnected(op.client, counts_);
  }

  // The tag of a post is the sender's previous number in the room, so that a receiver can tell an overtaken one.
  void book_post(const Op& op, Issued& issued) {
    Stay* stay = book_->open_stay(op.client, op.room);
    const pool::PostResult result = post(op, issued, stay == nullptr ? 0 : stay->last_own());
    note(result.sequence);
    if (issued.error) return;
    ++counts_.accepted_posts;
    counts_.recipients += result.recipients;
    if (stay == nullptr) {
      ++counts_.unexpected;  // accepted from a client that is not in the room
    } else {
      stay->own(result.sequence);
    }
  }

  void book_direct(const Op& op, Issued& issued) {
    const std::uint64_t tag = std::uint64_t{op.sequence} << 32 | op.target;
    direct(op, issued, tag);
    if (issued.error) return;
    ++counts_.accepted_directs;
    counts_.recipients += issued.recipients;
    counts_.direct_sent_hash += mix(op.client, tag);
  }

  void book_history(const Op& op, Issued& issued) {
    const auto visit = [&](const pool::Delivery* found, std::size_t count) {
      for (std::size_t i = 0; i < count; ++i) {
        const pool::Message& message = *found[i].message;
        const bool ascending = i == 0 || found[i].sequence > found[i - 1].sequence;
        if (message.room != op.room || message.sequence != found[i].sequence || !ascending) ++counts_.damaged;
        note(message.sequence, message.sender);
      }
    };
    issued.error = refused(history(op, issued, visit));
  }

  void book_who(const Op& op, Issued& issued) {
    call(op, issued);
    const auto& members = caller_.recipients;
    if (journal_ != nullptr && journal_->open()) {
      std::uint64_t sum = members.size();  // in no particular order
      for (const pool::SessionRef member : members) sum += mix(member.client, 1);
      journal_->note(sum);
    }
    if (!full_ || book_->open_stay(op.client, op.room) == nullptr) return;
    const bool listed = std::any_of(members.begin(), members.end(),
                                    [&](pool::SessionRef member) { return member.client == op.client; });
    if (!listed) ++counts_.damaged;
  }

  void take(std::uint32_t client, const pool::Delivery* deliveries, std::size_t count) {
    if (book_ == nullptr) return;
    book_->received(client, deliveries, count, counts_);
    if (full_) check_bodies(deliveries, count);
    if (journal_ == nullptr || !journal_->open()) return;
    for (std::size_t i = 0; i < count; ++i) {
      const pool::Message& message = *deliveries[i].message;
      journal_->note(mix(client, message.sender),
                     mix(message.sequence, std::uint64_t{message.room} << 32 | message.bytes));
    }
  }

  // Every byte of a body is the low byte of its tag (message_store.h).
  void check_bodies(const pool::Delivery* deliveries, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      const pool::Message& message = *deliveries[i].message;
      const auto expected = static_cast<std::byte>(message.tag & 0xff);
      const bool whole = std::all_of(message.body(), message.body() + message.bytes,
                                     [expected](std::byte byte) { return byte == expected; });
      if (!whole) ++counts_.damaged;
    }
  }

  void note(std::uint64_t value) noexcept {
    if (journal_ != nullptr && journal_->open()) journal_->note(value);
  }
  void note(std::uint64_t a, std::uint64_t b) noexcept {
    if (journal_ != nullptr && journal_->open()) journal_->note(a, b);
  }

  S& server_;
  Clock clock_;
  decltype(std::declval<S&>().make_caller()) caller_;
  ClientBook* book_;
  Journal* journal_;
  bool full_;
  LawCounts counts_;
  std::vector<std::uint64_t> before_;
};

}  // namespace crosstalk::harness
