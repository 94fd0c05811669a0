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
    // One more, so that something is left.
    if (inbox->push({0, round.operations + 1})) raise(books.told);
    const std::uint64_t pushed = (round.threads - 1) * round.operations + 1;
    // In half of the rounds the owner takes what is left, in the others it is discarded.
    const bool takes = (round.number + round.number / kInboxPolicies.size()) % 2 == 1;
    if (takes) empty_inbox(run, crew, *inbox, policy, books);
    inbox->end();
    if (!inbox->receive().empty()) crew.fail("exactly once", "something came after the end of the session");
    const InboxTotals totals = inbox->totals();
    judge_inbox(crew, totals, policy, books, pushed);
    run.count(received, totals.received);
    run.count(lost, totals.dropped);
    run.count(discarded, totals.discarded);
  });
}

struct PolicyPlay {
  InboxPolicy policy;
  const char* name;
  std::vector<std::uint64_t> first;   // of six pushed into an inbox for four
  std::vector<std::uint64_t> second;  // of a seventh, after the owner has taken those
};

void expect_items(CaseRun& run, InboxOnTrial& inbox, const char* policy,
                  const std::vector<std::uint64_t>& expected) {
  std::string got;
  std::string wanted;
  for (const auto& item : inbox.receive()) got += " " + std::to_string(item.number);
  for (const std::uint64_t number : expected) wanted += " " + std::to_string(number);
  if (got != wanted)
    run.fail("policy", std::string(policy) + ": received" + got + ", and was to receive" + wanted);
}

// One thread, so that it is known what a full inbox does.
void fill_inbox(CaseRun& run, const AnyInbox& any) {
  const std::array plays{
      PolicyPlay{InboxPolicy::grow, "grow", {1, 2, 3, 4, 5, 6}, {7}},
      PolicyPlay{InboxPolicy::drop_oldest, "drop_oldest", {3, 4, 5, 6}, {7}},
      PolicyPlay{InboxPolicy::drop_newest, "drop_newest", {1, 2, 3, 4}, {7}},
      PolicyPlay{InboxPolicy::disconnect, "disconnect", {1, 2, 3, 4}, {}},
  };
  const std::size_t cell = run.cell("drill: a full inbox, each policy");
  run.rounds([&](const Round&) {
    for (const PolicyPlay& play : plays) {
      const auto inbox = any.make(play.policy, 4);
      std::uint64_t told = 0;
      for (std::uint64_t number = 1; number <= 6; ++number) told += inbox->push({0, number}) ? 1 : 0;
      expect_items(run, *inbox, play.name, play.first);
      told += inbox->push({0, 7}) ? 1 : 0;
      expect_items(run, *inbox, play.name, play.second);
      if (told != (play.policy == InboxPolicy::disconnect ? 1U : 0U))
        run.fail("told once",
                 std::string(play.name) + ": told " + std::to_string(told) + " times to end the session");
      inbox->end();
      run.count(cell);
    }
  });
}

}  // namespace

std::vector<VerifyCase> inbox_cases(const AnyInbox& any) {
  return {{"full", [any](CaseRun& run) { fill_inbox(run, any); }, 0.2},
          {"posters and owner", [any](CaseRun& run) { post_and_receive(run, any); }, 0.8}};
}

}  // namespace crosstalk::harness::verify
