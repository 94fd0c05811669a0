// server_sessions: a server's sessions, as it wires them to its own data: it is told of each that is let in and of each that
// ends, whoever ended it, and clears away what it keeps of it.
//
// Progress: that of SessionRegistry and of the two functions. heard() is wait-free, and nothing at all without a time-out.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <utility>

#include "pool/chat/chat_types.h"
#include "pool/chat/session.h"
#include "pool/chat/session_registry.h"

namespace crosstalk::pool {

class ServerSessions {
 public:
  // `ended` is called on the thread that ends the session, with no lock held. Throws as SessionRegistry does.
  ServerSessions(const ServerOptions& options, std::function<void(SessionRef)> opened,
                 std::function<void(ClientId)> ended)
      : expire_(options.idle_timeout.count() != 0),
        registry_(registry_options(options, std::move(opened), std::move(ended))) {}

  Outcome connect(ClientId client) { return outcome_of(registry_.connect(client).status); }
  Outcome disconnect(ClientId client) {
    const std::optional<SessionRef> session = registry_.session_of(client);
    return session && registry_.disconnect(*session) ? Outcome::ok : Outcome::not_connected;
  }
  // The client has asked for something.
  void heard(ClientId client) noexcept {
    if (!expire_) return;
    if (const auto session = registry_.session_of(client)) registry_.heartbeat(*session);
  }
  [[nodiscard]] SessionRegistry& registry() noexcept { return registry_; }

 private:
  static SessionRegistry::Options registry_options(const ServerOptions& options,
                                                   std::function<void(SessionRef)> opened,
                                                   std::function<void(ClientId)> ended) {
    SessionRegistry::Options result;
    result.clients = options.clients;
    result.limit = options.session_limit;
    result.idle_timeout = options.idle_timeout;
    result.reap_interval = options.idle_timeout / 4;
    result.opened = std::move(opened);
    result.ended = [ended = std::move(ended)](SessionRef session, EndReason) { ended(session.client); };
    return result;
  }

  const bool expire_;
  SessionRegistry registry_;
};

}  // namespace crosstalk::pool
