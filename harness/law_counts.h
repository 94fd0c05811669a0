// The books of a trial: what was asked of the server and what came back, counted by the harness alone. The laws
// (laws.h) compare them with the server's own sums.
#pragma once

#include <array>
#include <cstdint>

namespace crosstalk::harness {

struct LawCounts {
  // Asked and accepted.
  std::uint64_t issued = 0;  // operations handed to the server
  std::uint64_t accepted_posts = 0;
  std::uint64_t accepted_directs = 0;
  std::uint64_t recipients = 0;  // summed over accepted posts and directs, as the server said
  std::uint64_t joins = 0;       // effective, prefill included
  std::uint64_t leaves = 0;      // effective, those implied by a disconnect included
  std::uint64_t connects = 0;
  std::uint64_t disconnects = 0;
  std::uint64_t marks = 0;
  std::uint64_t uploads = 0;

  // Connects and joins of the trace's beginning, all of them right to make, that the server refused.
  std::uint64_t prefill_refused = 0;

  // Received.
  std::uint64_t received = 0;  // deliveries taken out of inboxes
  std::uint64_t received_directs = 0;
  std::uint64_t direct_sent_hash = 0;  // sums of a hash per direct message
  std::uint64_t direct_received_hash = 0;

  // The reach law, per stay of a client in a room (stay.h).
  std::uint64_t expected = 0;   // deliveries of posts that had to arrive, plus those that might and did
  std::uint64_t delivered = 0;  // of these
  std::uint64_t excused =
      0;  // waiting or on their way when the session ended: neither expected nor delivered
  std::uint64_t missing = 0;     // had to arrive and did not
  std::uint64_t duplicates = 0;  // arrived once more
  std::uint64_t unexpected =
      0;  // of a room the client was not in, a direct message to another one, or never posted
  std::uint64_t inversions = 0;  // arrived after a later post of the same sender in the same room
  std::uint64_t disorder = 0;    // one thread issued everything, and a room's posts arrived out of sequence
  std::uint64_t damaged = 0;     // body or number not as sent

  // The server's sums at the end.
  std::uint64_t counted = 0;  // null server: calls
  std::uint64_t enqueued = 0, server_received = 0, queued = 0, dropped = 0, discarded = 0;
  std::uint64_t sequence_sum = 0, unread_sum = 0, memberships = 0, sessions = 0;
  std::uint64_t lock_violations = 0;  // seen by LiveProbe: two writers, or a reader beside a writer

  std::uint64_t pool_submitted = 0, pool_completed = 0, pool_failed = 0, pool_rejected = 0, pool_dropped = 0;
  std::uint64_t thrown = 0;  // operations that ended with an exception because the scenario asks for it

  // With a store: posts acknowledged, posts that it could not take, rooms of which it has another last post.
  std::uint64_t stored = 0, not_stored = 0, stored_otherwise = 0;
  std::uint64_t files_kept = 0;  // uploads in its files

  // The first law that broke, as text; empty while all hold.
  std::array<char, 200> broken{};

  // Adds the harness's own counts of another thread; the server's sums are not touched.
  void add(const LawCounts& other) noexcept;
};

}  // namespace crosstalk::harness
