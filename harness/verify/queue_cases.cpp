// Bounded queues: a drill of their bound and their end, and pushers beside a taker with an end that comes early or late.
#include <array>
#include <string>

#include "harness/verify/crew.h"
#include "harness/verify/puppets.h"
#include "harness/verify/sync_cases.h"

namespace crosstalk::harness::verify {

namespace {

using Put = QueueOnTrial::Put;
constexpr unsigned kPushersMost = 3;
constexpr const char* kQueueOrder = "order of a sender";

// Pushes until it is full; the number of the next item.
std::uint64_t fill_queue(CaseRun& run, QueueOnTrial& queue, std::uint64_t next) {
  constexpr std::uint64_t kSurelyFull = 100'000;
  for (const std::uint64_t end = next + kSurelyFull; next < end; ++next) {
    const Put put = queue.push({0, next}, std::chrono::nanoseconds(0));
    if (put == Put::full) return next;
    if (put == Put::closed) run.fail("end of a queue", "an open queue says that it is closed");
  }
  run.fail("bound", "a queue of a few entries took " + std::to_string(kSurelyFull));
}

// Takes until number `end`; the numbers must be as they were pushed.
void take_until(CaseRun& run, QueueOnTrial& queue, std::uint64_t& next, std::uint64_t end) {
  while (next < end) {
    run.expect("no loss", "what was queued cannot be taken");
    const auto items = queue.take();
    run.expect_nothing();
    run.step();
    if (items.empty()) run.fail("no loss", "a queue ended with items in it");
    for (const auto& item : items) {
      if (item.number != next++) run.fail(kQueueOrder, "items come out of order, or not at all");
    }
  }
}

void drill_queue(CaseRun& run, const AnyQueue& any) {
  const std::size_t room = run.cell("drill: full, and room comes");
  const std::size_t closed = run.cell("drill: full, and the end comes");
  Puppets puppets(run, 1);
  run.rounds([&](const Round& round) {
    const auto queue = any.make(4 + round.number % 13);
    std::uint64_t pushed = fill_queue(run, *queue, 0);
    std::uint64_t taken = 0;
    Put put = Put::full;
    const auto push_and_wait = [&] {
      puppets.tell(0, [&](Member& member) {
        member.begin("push", pushed);
        put = queue->push({0, pushed}, kWaitForEver);
        member.end(static_cast<int>(put));
      });
      if (puppets.settles(0)) run.fail("bound", "push() with a deadline to come returns from a full queue");
    };
    push_and_wait();
    take_until(run, *queue, taken, pushed);
    puppets.await(0, "wake-up", "there is room, and who waits for it sleeps on");
    if (put != Put::queued) run.fail("wake-up", "there was room, and who waited for it did not get it");
    run.count(room);
    pushed = fill_queue(run, *queue, pushed + 1);
    push_and_wait();
    queue->close();
    puppets.await(0, "wake-up", "who waits for room is not told of the end");
    if (put != Put::closed) run.fail("end of a queue", "a closed queue took something");
    take_until(run, *queue, taken, pushed);
    if (!queue->take().empty()) run.fail("exactly once", "a closed, empty queue gave something");
    run.count(closed);
  });
}

struct QueueCells {
  std::size_t queued, full, closed, taken;
};
// How far each pusher got, and what came out of it.
struct QueueBooks {
  std::array<std::atomic<std::uint64_t>, kPushersMost> queued{};
  std::array<std::atomic<std::uint64_t>, kPushersMost> taken{};
  std::atomic<std::uint64_t> left{0};
};

void push_some(Member& member, QueueOnTrial& queue, const QueueCells& cells, QueueBooks& books,
               std::uint64_t operations, bool ends_early) {
  const std::uint64_t sender = member.id() - 1;
  std::uint64_t next = 0;
  for (std::uint64_t i = 0; i < operations; ++i) {
    member.injector().outside();
    const bool waits = !member.random().one_in(4);
    if (ends_early && sender == 0 && i == operations / 2) queue.close();
    member.begin("push", sender, static_cast<std::int64_t>(next));
    const Put put = queue.push({sender, next}, waits ? kWaitForEver : std::chrono::nanoseconds(0));
    member.end(static_cast<int>(put));
    member.run().count(put == Put::queued ? cells.queued : put == Put::full ? cells.full : cells.closed);
    if (put == Put::full && waits) member.run().fail("wake-up", "push() gave up long before its time");
    if (put == Put::queued) ++next;
    if (put == Put::closed) break;
  }
  note(books.queued[sender], next);
  // acq_rel: the last one ends the queue behind all pushes.
  if (books.left.fetch_sub(1, std::memory_order_acq_rel) == 1) queue.close();
}

void take_all(Crew& crew, Member& member, QueueOnTrial& queue, const QueueCells& cells, QueueBooks& books) {
  for (;;) {
    member.injector().outside();
    member.begin("take");
    const auto items = queue.take();
    member.end(static_cast<std::int64_t>(items.size()));
    if (items.empty()) return;
    for (const auto& item : items) {
      const std::uint64_t expected = look(books.taken[item.sender]);
      if (item.number < expected) crew.fail("exactly once", "an item came twice");
      if (item.number > expected) crew.fail(kQueueOrder, "an item overtook another one of its sender");
      note(books.taken[item.sender], expected + 1);
      crew[0].run().count(cells.taken);
    }
  }
}

void push_and_take(CaseRun& run, const AnyQueue& any) {
  const QueueCells cells{run.cell("push = queued"), run.cell("push = full", true), run.cell("push = closed"),
                         run.cell("taken")};
  Crew crew(run, kPushersMost + 1);
  run.rounds({2, 3, 4, 4}, 20, 400, [&](const Round& round) {
    const auto queue = any.make(8);
    QueueBooks books;
    note(books.left, round.threads - 1);
    run.expect("wake-up", "a queue is neither full nor empty, and somebody sleeps on");
    crew.round(round, [&](Member& member) {
      if (member.id() == 0) return take_all(crew, member, *queue, cells, books);
      push_some(member, *queue, cells, books, round.operations, round.number % 2 == 1);
    });
    run.expect_nothing();
    for (std::size_t sender = 0; sender + 1 < round.threads; ++sender) {
      if (look(books.queued[sender]) != look(books.taken[sender]))
        crew.fail("no loss", std::to_string(look(books.queued[sender])) + " items were queued and " +
                                 std::to_string(look(books.taken[sender])) + " came out");
    }
  });
}

}  // namespace

std::vector<VerifyCase> queue_cases(const AnyQueue& any) {
  return {{"drills", [any](CaseRun& run) { drill_queue(run, any); }, 0.4},
          {"stress", [any](CaseRun& run) { push_and_take(run, any); }, 0.6}};
}

}  // namespace crosstalk::harness::verify
