#include "harness/laws.h"

#include <cstdint>
#include <string_view>

namespace crosstalk::harness {

namespace {

class Judge {
 public:
  // `left` and `right` must be equal.
  void equal(std::string_view what, std::uint64_t left, std::uint64_t right) {
    if (left == right || !broken_.empty()) return;
    broken_ = std::string(what) + ": " + std::to_string(left) + " against " + std::to_string(right);
  }
  void none(std::string_view what, std::uint64_t count) {
    if (count == 0 || !broken_.empty()) return;
    broken_ = std::to_string(count) + " " + std::string(what);
  }
  void at_most(std::string_view what, std::uint64_t count, std::uint64_t limit) {
    if (count <= limit || !broken_.empty()) return;
    broken_ = std::string(what) + ": " + std::to_string(count) + " of at most " + std::to_string(limit);
  }
  [[nodiscard]] std::string verdict() { return std::move(broken_); }

 private:
  std::string broken_;
};

void judge_pool(Judge& judge, const LawCounts& c) {
  judge.equal("pool: submitted against completed + failed + rejected + dropped", c.pool_submitted,
              c.pool_completed + c.pool_failed + c.pool_rejected + c.pool_dropped);
  judge.equal("pool tasks ended by an exception against faults of the scenario", c.pool_failed, c.thrown);
}

void judge_reach(Judge& judge, const LawCounts& c, const LawScope& scope) {
  judge.none("deliveries arrived twice", c.duplicates);
  judge.none("deliveries to a client that they were not for, or never posted", c.unexpected);
  judge.none("deliveries damaged on the way", c.damaged);
  if (scope.ordered) judge.none("deliveries overtaken by a later post of their sender", c.inversions);
  judge.none("deliveries out of a room's order, with one thread posting", c.disorder);
  if (scope.may_drop) {
    judge.at_most("deliveries missing against deliveries dropped", c.missing, c.dropped);
  } else {
    judge.none("deliveries that had to arrive are missing", c.missing);
  }
  judge.at_most("deliveries missing at the end of a session against deliveries discarded", c.excused,
                c.discarded + c.dropped);
}

void judge_directs(Judge& judge, const LawCounts& c) {
  if (c.discarded == 0 && c.dropped == 0) {
    judge.equal("direct messages received against accepted", c.received_directs, c.accepted_directs);
    judge.equal("hash of direct messages received against sent", c.direct_received_hash, c.direct_sent_hash);
    return;
  }
  judge.at_most("direct messages received against accepted", c.received_directs, c.accepted_directs);
  judge.at_most("direct messages missing against deliveries discarded or dropped",
                c.accepted_directs - c.received_directs, c.discarded + c.dropped);
}

void judge_sums(Judge& judge, const LawCounts& c, const LawScope& scope) {
  judge.equal("sum of room sequences against posts accepted", c.sequence_sum, c.accepted_posts);
  judge.equal("members at the end against joins - leaves", c.memberships, c.joins - c.leaves);
  judge.equal("sessions at the end against connects - disconnects", c.sessions, c.connects - c.disconnects);
  judge.equal("unread marks against marks accepted", c.unread_sum, c.marks);
  judge.equal("deliveries put into inboxes against recipients of accepted posts", c.enqueued, c.recipients);
  judge.equal("deliveries received against what inboxes handed out", c.received, c.server_received);
  judge.equal("enqueued against received + queued + dropped + discarded", c.enqueued,
              c.server_received + c.queued + c.dropped + c.discarded);
  judge.none("deliveries still queued after every client received", c.queued);
  if (!scope.may_drop) judge.none("deliveries dropped although inboxes grow", c.dropped);
}

}  // namespace

void judge_store(Judge& judge, const LawCounts& c) {
  judge.none("posts could not be stored", c.not_stored);
  judge.equal("posts acknowledged as stored against posts accepted", c.stored, c.accepted_posts);
  judge.equal("files kept against uploads accepted", c.files_kept, c.uploads);
  judge.none("rooms end in the store with another post than in the server", c.stored_otherwise);
}

std::string broken_law(const LawCounts& counts, const LawScope& scope) {
  Judge judge;
  if (scope.pooled) judge_pool(judge, counts);
  if (scope.counting_only) {
    judge.equal("calls counted by the server against calls issued", counts.counted, counts.issued);
    return judge.verdict();
  }
  judge.none("entries into a critical section beside a writer", counts.lock_violations);
  judge.none("connects and joins refused that the trace begins with", counts.prefill_refused);
  judge_reach(judge, counts, scope);
  judge_sums(judge, counts, scope);
  judge_directs(judge, counts);
  if (scope.stored) judge_store(judge, counts);
  return judge.verdict();
}

}  // namespace crosstalk::harness
