// The end of a trial's books: what the clients still receive, and the server's own sums, for the laws to compare.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "harness/client_book.h"
#include "harness/issuer.h"
#include "harness/late_sink.h"
#include "harness/law_counts.h"
#include "harness/live_probe.h"
#include "harness/trial_services.h"
#include "pool/chat/chat_server.h"

namespace crosstalk::harness {

// Empties every inbox, closes the books and lets the server state its sums. Nobody else calls the server any more.
template <pool::ChatServer S, bool timed>
void close_books(S& server, ClientBook& book, std::vector<std::unique_ptr<Issuer<S, timed>>>& issuers,
                 std::uint32_t clients, LawCounts& counts) {
  for (std::uint32_t client = 0; client < clients; ++client) {
    while (issuers[0]->receive(client).recipients > 0) {
    }
    book.finish(
        client, [&](std::uint32_t room) { return server.sequence(room); }, issuers[0]->counts());
  }
  for (const auto& issuer : issuers) counts.add(issuer->counts());
  const pool::InboxTotals totals = server.inbox_totals();
  counts.enqueued = totals.enqueued;
  counts.server_received = totals.received;
  counts.queued = totals.queued;
  counts.dropped = totals.dropped;
  counts.discarded = totals.discarded;
  counts.sequence_sum = server.sequence_sum();
  counts.unread_sum = server.unread_sum();
  counts.memberships = server.memberships();
  counts.sessions = server.sessions();
  counts.lock_violations = LiveProbe::violations();
}

// What the store acknowledged, and whether each room's last post in it is the server's.
template <pool::ChatServer S>
void compare_with_store(S& server, const TrialServices& services, const LateSink& late, std::uint32_t rooms,
                        LawCounts& counts) {
  counts.stored = late.stored();
  counts.not_stored = late.not_stored();
  counts.files_kept = services.files_kept();
  for (std::uint32_t room = 0; room < rooms; ++room) {
    const std::uint64_t last = server.sequence(room);
    if (last > 0 && services.last_stored(room) != last) ++counts.stored_otherwise;
  }
}

}  // namespace crosstalk::harness
