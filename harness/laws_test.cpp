#include <catch2/catch.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include "harness/laws.h"

namespace crosstalk::harness {
namespace {

// Books in which every law holds and every number is another one, so that no two can be mixed up unnoticed.
LawCounts sound() {
  LawCounts counts;
  counts.issued = 1'000;
  counts.counted = 1'000;
  counts.accepted_posts = 200;
  counts.sequence_sum = 200;
  counts.accepted_directs = 30;
  counts.received_directs = 30;
  counts.direct_sent_hash = 77;
  counts.direct_received_hash = 77;
  counts.recipients = 900;
  counts.enqueued = 900;
  counts.received = 900;
  counts.server_received = 900;
  counts.joins = 60;
  counts.leaves = 11;
  counts.memberships = 49;
  counts.connects = 25;
  counts.disconnects = 4;
  counts.sessions = 21;
  counts.marks = 8;
  counts.unread_sum = 8;
  counts.expected = 870;
  counts.delivered = 870;
  counts.stored = 200;
  counts.uploads = counts.files_kept = 6;
  counts.pool_submitted = 500;
  counts.pool_completed = 480;
  counts.pool_rejected = 20;
  return counts;
}

// The same with deliveries that ended sessions or full inboxes have cost.
LawCounts sound_with_losses() {
  LawCounts counts = sound();
  counts.received = counts.server_received = 880;
  counts.discarded = 15;
  counts.dropped = 5;
  counts.missing = 5;
  counts.excused = 15;
  counts.received_directs = 28;
  counts.direct_received_hash = 55;
  return counts;
}

constexpr LawScope kDirect{};
constexpr LawScope kPooled{.counting_only = false, .pooled = true, .may_drop = false};
constexpr LawScope kMayDrop{.counting_only = false, .pooled = false, .may_drop = true};
constexpr LawScope kStored{.stored = true};

TEST_CASE("books in order break no law", "[harness][laws]") {
  CHECK(broken_law(sound(), kDirect).empty());
  CHECK(broken_law(sound(), kPooled).empty());
  CHECK(broken_law(sound(), kMayDrop).empty());
  CHECK(broken_law(sound(), kStored).empty());
  CHECK(broken_law(sound_with_losses(), kMayDrop).empty());
  CHECK(broken_law(LawCounts{}, kPooled).empty());
}

struct Breach {
  std::uint64_t LawCounts::*count;
  std::string text;
};

void check_each(const LawCounts& books, const LawScope& scope, const std::vector<Breach>& breaches) {
  for (const Breach& breach : breaches) {
    LawCounts counts = books;
    ++(counts.*breach.count);
    CHECK(broken_law(counts, scope) == breach.text);
  }
}

TEST_CASE("each law of the reach is broken by one delivery", "[harness][laws]") {
  check_each(sound(), kDirect,
             {{&LawCounts::lock_violations, "1 entries into a critical section beside a writer"},
              {&LawCounts::prefill_refused, "1 connects and joins refused that the trace begins with"},
              {&LawCounts::duplicates, "1 deliveries arrived twice"},
              {&LawCounts::unexpected, "1 deliveries to a client that they were not for, or never posted"},
              {&LawCounts::damaged, "1 deliveries damaged on the way"},
              {&LawCounts::inversions, "1 deliveries overtaken by a later post of their sender"},
              {&LawCounts::disorder, "1 deliveries out of a room's order, with one thread posting"},
              {&LawCounts::missing, "1 deliveries that had to arrive are missing"},
              {&LawCounts::excused,
               "deliveries missing at the end of a session against deliveries discarded: 1 of at most 0"}});
}

TEST_CASE("each sum of the server is compared with the harness's own", "[harness][laws]") {
  check_each(
      sound(), kDirect,
      {{&LawCounts::sequence_sum, "sum of room sequences against posts accepted: 201 against 200"},
       {&LawCounts::accepted_posts, "sum of room sequences against posts accepted: 200 against 201"},
       {&LawCounts::memberships, "members at the end against joins - leaves: 50 against 49"},
       {&LawCounts::joins, "members at the end against joins - leaves: 49 against 50"},
       {&LawCounts::leaves, "members at the end against joins - leaves: 49 against 48"},
       {&LawCounts::sessions, "sessions at the end against connects - disconnects: 22 against 21"},
       {&LawCounts::connects, "sessions at the end against connects - disconnects: 21 against 22"},
       {&LawCounts::disconnects, "sessions at the end against connects - disconnects: 21 against 20"},
       {&LawCounts::unread_sum, "unread marks against marks accepted: 9 against 8"},
       {&LawCounts::marks, "unread marks against marks accepted: 8 against 9"},
       {&LawCounts::enqueued,
        "deliveries put into inboxes against recipients of accepted posts: 901 against 900"},
       {&LawCounts::recipients,
        "deliveries put into inboxes against recipients of accepted posts: 900 against 901"},
       {&LawCounts::received, "deliveries received against what inboxes handed out: 901 against 900"},
       {&LawCounts::server_received, "deliveries received against what inboxes handed out: 900 against 901"},
       {&LawCounts::queued, "enqueued against received + queued + dropped + discarded: 900 against 901"},
       {&LawCounts::dropped, "enqueued against received + queued + dropped + discarded: 900 against 901"},
       {&LawCounts::discarded, "enqueued against received + queued + dropped + discarded: 900 against 901"}});
}

TEST_CASE("each sum of the direct messages is compared", "[harness][laws]") {
  check_each(
      sound(), kDirect,
      {{&LawCounts::received_directs, "direct messages received against accepted: 31 against 30"},
       {&LawCounts::accepted_directs, "direct messages received against accepted: 30 against 31"},
       {&LawCounts::direct_sent_hash, "hash of direct messages received against sent: 77 against 78"},
       {&LawCounts::direct_received_hash, "hash of direct messages received against sent: 78 against 77"}});
}

TEST_CASE("each account of the pool is compared, where there is one", "[harness][laws]") {
  const std::string accounts = "pool: submitted against completed + failed + rejected + dropped: ";
  check_each(sound(), kPooled,
             {{&LawCounts::pool_submitted, accounts + "501 against 500"},
              {&LawCounts::pool_completed, accounts + "500 against 501"},
              {&LawCounts::pool_rejected, accounts + "500 against 501"},
              {&LawCounts::pool_dropped, accounts + "500 against 501"},
              {&LawCounts::pool_failed, accounts + "500 against 501"}});
  LawCounts failed = sound();
  ++failed.pool_failed;
  --failed.pool_completed;
  CHECK(broken_law(failed, kPooled) ==
        "pool tasks ended by an exception against faults of the scenario: 1 against 0");
  CHECK(broken_law(failed, kDirect).empty());
  failed.thrown = 1;
  CHECK(broken_law(failed, kPooled).empty());
}

TEST_CASE("what the store tells is compared, where there is one", "[harness][laws]") {
  check_each(
      sound(), kStored,
      {{&LawCounts::not_stored, "1 posts could not be stored"},
       {&LawCounts::stored, "posts acknowledged as stored against posts accepted: 201 against 200"},
       {&LawCounts::files_kept, "files kept against uploads accepted: 7 against 6"},
       {&LawCounts::uploads, "files kept against uploads accepted: 6 against 7"},
       {&LawCounts::stored_otherwise, "1 rooms end in the store with another post than in the server"}});
  LawCounts lost = sound();
  --lost.stored;
  CHECK(broken_law(lost, kDirect).empty());
}

TEST_CASE("posts may overtake each other only where each has a thread of its own", "[harness][laws]") {
  LawCounts overtaken = sound();
  ++overtaken.inversions;
  CHECK(broken_law(overtaken, {.ordered = false}).empty());
  CHECK(broken_law(overtaken, kDirect) == "1 deliveries overtaken by a later post of their sender");
}

TEST_CASE("a delivery left in an inbox is a broken law even if the sums agree", "[harness][laws]") {
  LawCounts counts = sound();
  ++counts.queued;
  --counts.server_received;
  --counts.received;
  CHECK(broken_law(counts, kDirect) == "1 deliveries still queued after every client received");
}

TEST_CASE("an inbox that grows may drop nothing", "[harness][laws]") {
  LawCounts counts = sound();
  ++counts.dropped;
  --counts.server_received;
  --counts.received;
  CHECK(broken_law(counts, kDirect) == "1 deliveries dropped although inboxes grow");
  CHECK(broken_law(counts, kMayDrop).empty());
}

TEST_CASE("losses are excused up to what was dropped or discarded", "[harness][laws]") {
  check_each(sound_with_losses(), kMayDrop,
             {{&LawCounts::missing, "deliveries missing against deliveries dropped: 6 of at most 5"}});
  LawCounts counts = sound_with_losses();
  counts.excused = 20;  // discarded + dropped
  CHECK(broken_law(counts, kMayDrop).empty());
  ++counts.excused;
  CHECK(broken_law(counts, kMayDrop) ==
        "deliveries missing at the end of a session against deliveries discarded: 21 of at most 20");
}

TEST_CASE("direct messages may be lost with a session, but not more than were", "[harness][laws]") {
  LawCounts counts = sound_with_losses();
  counts.received_directs = 10;  // 20 missing: all that was dropped or discarded
  CHECK(broken_law(counts, kMayDrop).empty());
  counts.received_directs = 9;
  CHECK(broken_law(counts, kMayDrop) ==
        "direct messages missing against deliveries discarded or dropped: 21 of at most 20");
  counts.received_directs = 31;
  CHECK(broken_law(counts, kMayDrop) == "direct messages received against accepted: 31 of at most 30");
}

TEST_CASE("a server that only counts is held to its calls alone", "[harness][laws]") {
  LawCounts counts = sound();
  counts.duplicates = counts.missing = counts.lock_violations = 3;
  counts.memberships = 0;
  CHECK(broken_law(counts, {.counting_only = true}).empty());
  ++counts.issued;
  CHECK(broken_law(counts, {.counting_only = true}) ==
        "calls counted by the server against calls issued: 1000 against 1001");
  counts.pool_failed = 1;
  CHECK_FALSE(broken_law(counts, {.counting_only = true, .pooled = true}).find("pool") == std::string::npos);
}

TEST_CASE("of several broken laws the first is named", "[harness][laws]") {
  LawCounts counts = sound();
  counts.missing = 2;
  counts.duplicates = 1;
  counts.memberships = 0;
  CHECK(broken_law(counts, kDirect) == "1 deliveries arrived twice");
}

// Another thread's books are added to the harness's side only: the server states its sums once.
TEST_CASE("adding books adds what the harness counted and nothing of the server's", "[harness][laws]") {
  LawCounts sum = sound();
  sum.add(sound());
  CHECK(sum.issued == 2'000);
  CHECK(sum.accepted_posts == 400);
  CHECK(sum.accepted_directs == 60);
  CHECK(sum.recipients == 1'800);
  CHECK(sum.joins == 120);
  CHECK(sum.leaves == 22);
  CHECK(sum.connects == 50);
  CHECK(sum.disconnects == 8);
  CHECK(sum.marks == 16);
  CHECK(sum.received == 1'800);
  CHECK(sum.received_directs == 60);
  CHECK(sum.direct_sent_hash == 154);
  CHECK(sum.direct_received_hash == 154);
  CHECK(sum.expected == 1'740);
  CHECK(sum.delivered == 1'740);
  CHECK(sum.sequence_sum == 200);
  CHECK(sum.memberships == 49);
  CHECK(sum.enqueued == 900);
  LawCounts faults;
  faults.excused = faults.missing = faults.duplicates = faults.unexpected = faults.inversions =
      faults.disorder = faults.damaged = 1;
  sum.add(faults);
  CHECK(sum.excused + sum.missing + sum.duplicates + sum.unexpected + sum.inversions + sum.disorder +
            sum.damaged ==
        7);
}

}  // namespace
}  // namespace crosstalk::harness
