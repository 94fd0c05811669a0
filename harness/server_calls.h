// Turns an operation of the trace into a call of the server and times the call. One per thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "harness/clock.h"
#include "harness/issued.h"
#include "pool/chat/chat_server.h"
#include "workloads/op.h"

namespace crosstalk::harness {

template <pool::ChatOperations S, bool timed>
class ServerCalls {
 public:
  using Op = workloads::Op;
  using Kind = workloads::OpKind;
  using Outcome = pool::Outcome;

  // The server must outlive this.
  ServerCalls(S& server, const Clock& clock)
      : server_(server), clock_(clock), caller_(server.make_caller()) {}

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
      case Kind::receive:
      case Kind::upload:
        issued.error = true;
        break;  // no trace holds these
    }
  }

  pool::PostResult post(const Op& op, Issued& issued, std::uint64_t tag) {
    return send(issued,
                [&](auto&& hook) { return server_.post(caller_, op.client, op.room, tag, op.bytes, hook); });
  }
  pool::PostResult direct(const Op& op, Issued& issued, std::uint64_t tag) {
    return send(issued, [&](auto&& hook) {
      return server_.direct(caller_, op.client, op.target, tag, op.bytes, hook);
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
    if constexpr (timed) issued.started = clock_.now();
    auto result = std::forward<F>(call)();
    if constexpr (timed) issued.ended = clock_.now();
    return result;
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

  S& server_;
  Clock clock_;
  decltype(std::declval<S&>().make_caller()) caller_;
};

}  // namespace crosstalk::harness
