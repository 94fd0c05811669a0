// Inboxes under each policy: posters beside the owner, then the end, and the books.
#include <array>
#include <string>

#include "harness/verify/chat_cases.h"
#include "harness/verify/crew.h"

namespace crosstalk::harness::verify {

namespace {

using pool::InboxPolicy;
using pool::InboxTotals;

constexpr std::uint32_t kPostersMost = 3;
constexpr std::uint32_t kInboxRoom = 8;
constexpr std::array kInboxPolicies{InboxPolicy::grow, InboxPolicy::drop_oldest, InboxPolicy::drop_newest,
                                    InboxPolicy::disconnect};

struct InboxBooks {
  std::array<std::atomic<std::uint64_t>, kPostersMost> pushed{};
  std::array<std::atomic<std::uint64_t>, kPostersMost> last{};  // numbers begin with 1
  std::atomic<std::uint64_t> received{0};
  std::atomic<std::uint64_t> told{0};
};

void empty_inbox(CaseRun& run, Crew& crew, InboxOnTrial& inbox, InboxPolicy policy, InboxBooks& books) {
  const bool gap_free = policy == InboxPolicy::grow || policy == InboxPolicy::disconnect;
  const auto items = inbox.receive();
  for (const auto& item : items) {
    const std::uint64_t last = look(books.last[item.sender]);
    if (item.number == last) run.fail("exactly once", "a message came twice");
    if (item.number < last) crew.fail("order of a sender", "a message came after a later one of its sender");
    if (gap_free && item.number != last + 1)
      crew.fail("no loss", "a message is missing before one that came");
    note(books.last[item.sender], item.number);
  }
  raise(books.received, std::uint64_t{items.size()});
}

void judge_inbox(Crew& crew, const InboxTotals& totals, InboxPolicy policy, const InboxBooks& books,
                 std::uint64_t pushed) {
  const auto text = [&] {
    return "enqueued " + std::to_string(totals.enqueued) + " of " + std::to_string(pushed) + ", received " +
           std::to_string(totals.received) + " of " + std::to_string(look(books.received)) + ", queued " +
           std::to_string(totals.queued) + ", dropped " + std::to_string(totals.dropped) + ", discarded " +
           std::to_string(totals.discarded);
  };
  if (totals.enqueued != pushed || totals.received != look(books.received) || totals.queued != 0 ||
      totals.enqueued != totals.received + totals.dropped + totals.discarded)
    crew.fail("books", text());
  if (policy == InboxPolicy::grow && totals.dropped != 0) crew.fail("no loss", text());
  if (policy == InboxPolicy::disconnect && look(books.told) > 1)
    crew.fail("told once", "several posters were told to end a session");
}

void post_and_receive(CaseRun& run, const AnyInbox& any) {
  const std::size_t received = run.cell("received");
  const std::size_t lost = run.cell("dropped");
  const std::size_t discarded = run.cell("discarded at the end");
  Crew crew(run, kPostersMost + 1);
  run.rounds({2, 3, 4, 4}, 20, 300, [&](const Round& round) {
    const InboxPolicy policy = kInboxPolicies[round.number % kInboxPolicies.size()];
    const auto inbox = any.make(policy, kInboxRoom);
    InboxBooks books;
    crew.round(round, [&](Member& member) {
      for (std::uint64_t number = 1; number <= round.operations; ++number) {
        member.injector().outside();
        if (member.id() == 0) {
          member.begin("receive");
          empty_inbox(run, crew, *inbox, policy, books);
          member.end();
          continue;
        }
        member.begin("push", member.id(), static_cast<std::int64_t>(number));
        const bool told = inbox->push({member.id() - 1, number});
        member.end(told ? 1 : 0);
        if (told) raise(books.told);
      }
    });
    const std::uint64_t pushed = (round.threads - 1) * round.operations;
    // In half of the rounds the owner takes what is left, in the others it is discarded.
    if (round.number / kInboxPolicies.size() % 2 == 0) empty_inbox(run, crew, *inbox, policy, books);
    inbox->end();
    if (!inbox->receive().empty()) crew.fail("exactly once", "something came after the end of the session");
    const InboxTotals totals = inbox->totals();
    judge_inbox(crew, totals, policy, books, pushed);
    run.count(received, totals.received);
    run.count(lost, totals.dropped);
    run.count(discarded, totals.discarded);
  });
}

}  // namespace

std::vector<VerifyCase> inbox_cases(const AnyInbox& any) {
  return {{"posters and owner", [any](CaseRun& run) { post_and_receive(run, any); }, 1}};
}

}  // namespace crosstalk::harness::verify
