// Turns an operation of the trace into a call of the server and times the call. One per thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "harness/clock.h"
#include "harness/issued.h"
#include "harness/late_sink.h"
#include "harness/pacer.h"
#include "harness/repeat.h"
#include "harness/server_under_test.h"
#include "pool/chat/chat_server.h"
#include "pool/chat/post_watch.h"
#include "workloads/op.h"

namespace crosstalk::harness {

template <pool::ChatOperations S, bool timed>
class ServerCalls {
 public:
  using Op = workloads::Op;
  using Kind = workloads::OpKind;
  using Outcome = pool::Outcome;

  // The server must outlive this, and so must `late`.
  ServerCalls(S& server, const Clock& clock, const CallSetting& setting)
      : server_(server), clock_(clock), setting_(setting), caller_(server.make_caller()) {}

  // When the next operation is meant to begin; 0: when it does.
  void set_intended(std::uint64_t ticks) noexcept { intended_ = ticks; }

  // The next operations wait for their intended instant, right before the call. Null: they begin at once. The pacer must
  // outlive its use.
  void pace_by(const Pacer* pacer) noexcept { pacer_ = pacer; }

  // When an operation that was issued was meant to begin.
  [[nodiscard]] std::uint64_t intended(const Issued& issued) const noexcept {
    return intended_ != 0 ? intended_ : issued.started;
  }
  [[nodiscard]] std::uint64_t now() const noexcept { return clock_.now(); }

  [[nodiscard]] static bool refused(Outcome outcome) noexcept { return outcome != Outcome::ok; }
  // The scratch memory of this thread's calls: after a `who`, the members.
  [[nodiscard]] const auto& caller() const noexcept { return caller_; }
  [[nodiscard]] std::uint64_t sequence(std::uint32_t room) { return server_.sequence(room); }

  // The bare call. Tags carry nothing here. Always inlined: where there are no books it is all that an operation does.
  [[gnu::always_inline]] void call(const Op& op, Issued& issued) {
    switch (op.kind) {
      case Kind::connect:
        issued.error = refused(time(issued, [&] { return server_.connect(caller_, op.client); }));
        break;
      case Kind::disconnect:
        issued.error = refused(time(issued, [&] { return server_.disconnect(caller_, op.client); }));
        break;
      case Kind::join:
        issued.error = refused(time(issued, [&] { return server_.join(caller_, op.client, op.room); }));
        break;
      case Kind::leave:
        issued.error = refused(time(issued, [&] { return server_.leave(caller_, op.client, op.room); }));
        break;
      case Kind::move:
        issued.error =
            refused(time(issued, [&] { return server_.move(caller_, op.client, op.room, op.target); }));
        break;
      case Kind::kick:
        issued.error =
            refused(time(issued, [&] { return server_.kick(caller_, op.client, op.target, op.room); }));
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
        presence(op, issued);
        break;
      case Kind::mark:
        issued.error = refused(time(issued, [&] { return server_.mark(caller_, op.room); }));
        break;
      case Kind::upload:
        issued.error = refused(
            time(issued, [&] { return server_.upload(caller_, op.client, op.room, op.client, op.bytes); }));
        break;
      case Kind::receive:
      case Kind::persist:
        issued.error = true;
        break;  // no trace holds these
    }
  }

  // What repeat.h says, untimed. True: a mark was added.
  bool repeat(RepeatOf what, const Op& op) {
    if (what == RepeatOf::map) {
      static_cast<void>(server_.presence(caller_, op.client));
    } else if (op.kind == Kind::mark) {
      return !refused(server_.mark(caller_, op.room));
    } else {
      static_cast<void>(server_.who(caller_, op.room));
    }
    return false;
  }

  pool::PostResult post(const Op& op, Issued& issued, std::uint64_t tag) {
    return send(issued, [&](const pool::PostWatch& watch) {
      return server_.post(caller_, op.client, op.room, tag, op.bytes, watch);
    });
  }
  pool::PostResult direct(const Op& op, Issued& issued, std::uint64_t tag) {
    return send(issued, [&](const pool::PostWatch& watch) {
      return server_.direct(caller_, op.client, op.target, tag, op.bytes, watch);
    });
  }
  template <class Visit>
  std::size_t receive(std::uint32_t client, Issued& issued, Visit&& visit) {
    return time(issued, [&] { return server_.receive(caller_, client, visit); });
  }
  bool presence(const Op& op, Issued& issued) {
    return time(issued, [&] { return server_.presence(caller_, op.target); });
  }
  template <class Visit>
  Outcome history(const Op& op, Issued& issued, Visit&& visit) {
    return time(issued, [&] { return server_.history(caller_, op.client, op.room, op.target, visit); });
  }

 private:
  template <class F>
  auto time(Issued& issued, F&& call) {
    if constexpr (timed) {
      issued.started = pacer_ == nullptr ? clock_.now() : pacer_->arrive(intended_);
    }
    auto result = std::forward<F>(call)();
    if constexpr (timed) issued.ended = clock_.now();
    return result;
  }

  template <class F>
  pool::PostResult send(Issued& issued, F&& with_watch) {
    pool::PostResult result;
    // Every reading of the clock inside the call is part of its time: few posts are asked for their median.
    constexpr std::uint64_t kMedianEvery = 64;
    const bool median = timed && ++posts_ % kMedianEvery == 0;
    if constexpr (!timed) {
      result = with_watch(late_watch(0));
    } else if (setting_.late == nullptr) {
      DeliveryStamps stamps(clock_, issued);
      result = time(issued, [&] { return with_watch(stamps.watch(median)); });
    } else {
      DeliveryStamps stamps(clock_, issued);
      pool::PostWatch watch = late_watch(intended_ != 0 ? intended_ : clock_.now());
      if (!setting_.deferred) watch.delivered = &DeliveryStamps::delivered;
      if (!setting_.deferred) watch.context = &stamps;
      watch.median = median;
      result = time(issued, [&] { return with_watch(watch); });
    }
    issued.error = refused(result.outcome);
    issued.recipients = result.recipients;
    return result;
  }

  // For a server that tells of a post after it has returned.
  [[nodiscard]] pool::PostWatch late_watch(std::uint64_t mark) const noexcept {
    pool::PostWatch watch;
    if (setting_.late == nullptr) return watch;
    if (timed && setting_.deferred) watch.delivered = &LateSink::delivered;
    watch.context = setting_.late;
    watch.mark = mark;
    watch.persisted = {&LateSink::persisted, setting_.late, mark};
    return watch;
  }

  S& server_;
  Clock clock_;
  CallSetting setting_;
  const Pacer* pacer_ = nullptr;
  std::uint64_t intended_ = 0;
  std::uint64_t posts_ = 0;
  decltype(std::declval<S&>().make_caller()) caller_;
};

}  // namespace crosstalk::harness
