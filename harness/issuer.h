// Issues operations to the server and keeps the books that the laws are checked against. One issuer per thread; the
// book-keeping stands outside the timed part.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "harness/bodies.h"
#include "harness/client_book.h"
#include "harness/issued.h"
#include "harness/journal.h"
#include "harness/law_counts.h"
#include "harness/mix.h"
#include "harness/post_marks.h"
#include "harness/recorder.h"
#include "harness/server_calls.h"
#include "harness/server_under_test.h"
#include "harness/trial_input.h"
#include "pool/chat/chat_server.h"
#include "workloads/op.h"

namespace crosstalk::harness {

template <pool::ChatOperations S, bool timed>
class Issuer {
 public:
  using Op = workloads::Op;
  using Kind = workloads::OpKind;

  // All must outlive the issuer, whose thread is the recorder's.
  Issuer(S& server, const IssuerSetting& setting, Recorder& recorder)
      : calls_(server, setting.clock, setting.calls),
        book_(setting.book),
        journal_(setting.journal),
        full_(setting.checks == Checks::full),
        marks_(setting.marks),
        recorder_(recorder) {}

  // See ServerCalls.
  void set_intended(std::uint64_t ticks) noexcept { calls_.set_intended(ticks); }
  void pace_by(const Pacer* pacer) noexcept { calls_.pace_by(pacer); }
  [[nodiscard]] ServerCalls<S, timed>& calls() noexcept { return calls_; }

  [[gnu::always_inline]] Issued issue(const Op& op) {
    Issued issued;
    ++counts_.issued;
    if constexpr (pool::CountingServer<S>) {
      calls_.call(op, issued);
    } else if (book_ == nullptr) {
      calls_.call(op, issued);
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
    issued.recipients = calls_.receive(client, issued, visit);
    return issued;
  }

  [[nodiscard]] LawCounts& counts() noexcept { return counts_; }

 private:
  // The call, with what the laws need to know noted before and after it.
  void call_and_book(const Op& op, Issued& issued) requires(!pool::CountingServer<S>) {
    switch (op.kind) {
      case Kind::connect:
        calls_.call(op, issued);
        counts_.connects += issued.error ? 0 : 1;
        break;
      case Kind::disconnect:
        book_disconnect(op, issued);
        break;
      case Kind::join:
        book_join(op, issued);
        break;
      case Kind::leave:
      case Kind::kick:
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
        note(calls_.presence(op, issued) ? 1 : 0);
        break;
      case Kind::mark:
        calls_.call(op, issued);
        counts_.marks += issued.error ? 0 : 1;
        break;
      case Kind::upload:
        calls_.call(op, issued);
        counts_.uploads += issued.error ? 0 : 1;
        break;
      default:
        calls_.call(op, issued);
    }
    note(issued.error ? 1 : 0, issued.recipients);
  }

  void book_join(const Op& op, Issued& issued) {
    const std::uint64_t before = calls_.sequence(op.room);
    calls_.call(op, issued);
    if (issued.error) return;
    ++counts_.joins;
    book_->joined(op.client, op.room, before, calls_.sequence(op.room));
  }

  void book_leave(const Op& op, Issued& issued) {
    const std::uint64_t before = calls_.sequence(op.room);
    calls_.call(op, issued);
    if (issued.error) return;
    ++counts_.leaves;
    book_->left(op.client, op.room, before, calls_.sequence(op.room), counts_);
  }

  void book_move(const Op& op, Issued& issued) {
    const std::uint64_t left_before = calls_.sequence(op.room);
    const std::uint64_t joined_before = calls_.sequence(op.target);
    calls_.call(op, issued);
    if (issued.error) return;
    ++counts_.leaves;
    ++counts_.joins;
    book_->left(op.client, op.room, left_before, calls_.sequence(op.room), counts_);
    book_->joined(op.client, op.target, joined_before, calls_.sequence(op.target));
  }

  void book_disconnect(const Op& op, Issued& issued) {
    before_.clear();
    book_->for_each_open(op.client, [&](Stay& stay) { before_.push_back(calls_.sequence(stay.room())); });
    calls_.call(op, issued);
    if (issued.error) return;
    ++counts_.disconnects;
    counts_.leaves += before_.size();
    auto before = before_.begin();
    book_->for_each_open(op.client, [&](Stay& stay) { stay.close(*before++, calls_.sequence(stay.room())); });
    book_->disconnected(op.client, counts_);
  }

  // The tag of a post is the sender's previous number in the room, so that a receiver can tell an overtaken one.
  void book_post(const Op& op, Issued& issued) {
    Stay* stay = book_->open_stay(op.client, op.room);
    const pool::PostResult result = calls_.post(op, issued, stay == nullptr ? 0 : stay->last_own());
    note(result.sequence);
    if (issued.error) return;
    ++counts_.accepted_posts;
    counts_.recipients += result.recipients;
    if (stay == nullptr) {
      ++counts_.unexpected;  // accepted from a client that is not in the room
    } else {
      stay->own(result.sequence);
    }
    if (timed && marks_ != nullptr && PostMarks::is_marked(result.sequence))
      marks_->set(op.room, result.sequence, calls_.intended(issued));
  }

  void book_direct(const Op& op, Issued& issued) {
    const std::uint64_t tag = std::uint64_t{op.sequence} << 32 | op.target;
    calls_.direct(op, issued, tag);
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
    issued.error = calls_.refused(calls_.history(op, issued, visit));
  }

  void book_who(const Op& op, Issued& issued) {
    calls_.call(op, issued);
    const auto& members = calls_.caller().recipients;
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
    if (timed && marks_ != nullptr) look_for_marks(deliveries, count);
    if (full_) counts_.damaged += damaged_bodies(deliveries, count);
    if (journal_ == nullptr || !journal_->open()) return;
    for (std::size_t i = 0; i < count; ++i) {
      const pool::Message& message = *deliveries[i].message;
      journal_->note(mix(client, message.sender),
                     mix(message.sequence, std::uint64_t{message.room} << 32 | message.bytes));
    }
  }

  void look_for_marks(const pool::Delivery* deliveries, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      if (!PostMarks::is_marked(deliveries[i].sequence) || deliveries[i].sequence == 0) continue;
      const auto intended = marks_->find(deliveries[i].message->room, deliveries[i].sequence);
      if (intended) recorder_.received(*intended, calls_.now());
    }
  }

  void note(std::uint64_t value) noexcept {
    if (journal_ != nullptr && journal_->open()) journal_->note(value);
  }
  void note(std::uint64_t a, std::uint64_t b) noexcept {
    if (journal_ != nullptr && journal_->open()) journal_->note(a, b);
  }

  ServerCalls<S, timed> calls_;
  ClientBook* book_;
  Journal* journal_;
  bool full_;
  PostMarks* marks_;
  Recorder& recorder_;
  LawCounts counts_;
  std::vector<std::uint64_t> before_;
};

}  // namespace crosstalk::harness
