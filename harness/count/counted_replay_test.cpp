#include "harness/count/counted_replay.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <mutex>
#include <shared_mutex>

#include "harness/child.h"
#include "harness/count/count_test_help.h"
#include "harness/live_probe.h"
#include "harness/trial.h"
#include "harness/trial_test_help.h"
#include "pool/chat/coarse_server.h"
#include "pool/chat/null_server.h"
#include "pool/chat/sharded_server.h"

namespace crosstalk::harness::count {
namespace {

using Kind = workloads::OpKind;
using Server = pool::CoarseServer<std::mutex, LiveProbe>;

// In a child, as everywhere: what is switched on there ends with it.
template <class S>
OperationCounts counts_of(const TestTrial& test) {
  TrialInput input = test.input;
  input.options.count = true;
  const SharedReport report = make_shared_report();
  REQUIRE(run_in_child(&run_trial<S>, input, *report, 300'000'000'000).empty());
  CHECK(report->kinds[0].count == 0);  // no trial was run
  return report->counts;
}

const KindCounts& of(const OperationCounts& counts, Kind kind) {
  return counts.kinds[static_cast<std::size_t>(kind)];
}

constexpr std::uint32_t kCrowd = 5;

TEST_CASE("a post takes a coarse server's lock once, and a receive not at all", "[count]") {
  const OperationCounts counts = counts_of<Server>(TestTrial(crowd_trace(kCrowd, 50, 1), 1));
  const KindCounts& posts = of(counts, Kind::post);
  CHECK(posts.operations == 10'000);
  CHECK(posts.locks == 10'000);
  CHECK(posts.shared_locks == 0);
  CHECK(posts.submits == 0);
  CHECK(posts.wakes == 0);
  const KindCounts& receives = of(counts, Kind::receive);
  CHECK(receives.operations > 0);
  CHECK(receives.locks == 0);
}

TEST_CASE("readers of a reader-writer lock are told apart", "[count]") {
  using Shared = pool::CoarseServer<std::shared_mutex, LiveProbe>;
  const OperationCounts counts = counts_of<Shared>(TestTrial(crowd_trace(kCrowd, 50, 1), 1));
  CHECK(of(counts, Kind::post).locks == 10'000);
  CHECK(of(counts, Kind::post).shared_locks == 10'000);
  const OperationCounts mixed = counts_of<Shared>(TestTrial(mixed_trace(1), 1));
  CHECK(of(mixed, Kind::join).locks == of(mixed, Kind::join).operations);
  CHECK(of(mixed, Kind::join).shared_locks == 0);
}

TEST_CASE("a sharded server locks a session and a room to join, and two rooms to move", "[count]") {
  using Sharded = pool::ShardedServer<std::mutex, LiveProbe>;
  const OperationCounts counts = counts_of<Sharded>(TestTrial(mixed_trace(1), 1));
  const KindCounts& joins = of(counts, Kind::join);
  REQUIRE(joins.operations > 0);
  CHECK(joins.locks == 2 * joins.operations);
  CHECK(of(counts, Kind::presence).locks == of(counts, Kind::presence).operations);
}

// A lock that somebody plugs in.
struct PluggedInLock : std::mutex {};

TEST_CASE("a lock from outside is counted as any other", "[count]") {
  const OperationCounts counts =
      counts_of<pool::CoarseServer<PluggedInLock, LiveProbe>>(TestTrial(crowd_trace(kCrowd, 50, 1), 1));
  CHECK(of(counts, Kind::post).locks == 10'000);
}

// What a careless change does: a string too long to lie in itself, for each post.
class AllocatingServer : public Server {
 public:
  using Server::Server;
  pool::PostResult post(pool::Caller& caller, pool::ClientId client, pool::RoomId room, std::uint64_t tag,
                        std::uint32_t bytes, const pool::PostWatch& watch = {}) {
    // An operator new of its own, and not a string: the compiler may not leave it out.
    ::operator delete(::operator new(40));
    return Server::post(caller, client, room, tag, bytes, watch);
  }
};

TEST_CASE("an allocation more for each post is counted, and so are its bytes", "[count]") {
  const TestTrial test(crowd_trace(kCrowd, 50, 1), 1);
  const OperationCounts plain = counts_of<Server>(test);
  REQUIRE(plain.heap != kHeapIsOwn);
  if (kHeapIsOwn) return;
  const OperationCounts dear = counts_of<AllocatingServer>(test);
  const KindCounts& of_plain = of(plain, Kind::post);
  const KindCounts& of_dear = of(dear, Kind::post);
  CHECK(of_dear.allocations - of_plain.allocations == of_dear.operations);
  CHECK(of_dear.allocated_bytes - of_plain.allocated_bytes == 40 * of_dear.operations);
  CHECK(of_dear.locks == of_plain.locks);
  CHECK(of(dear, Kind::receive) == of(plain, Kind::receive));
}

TEST_CASE("equal programs count the same, whatever the path", "[count]") {
  TestTrial test(mixed_trace(3), 1);
  SECTION("direct") {}
  SECTION("pooled") {
    test.pooled(2);
  }
  SECTION("posts handed out by a pool") {
    test.dispatched(pool::Dispatch::pooled);
  }
  const OperationCounts once = counts_of<Server>(test);
  CHECK(of(once, Kind::post).operations > 0);
  CHECK(once.kinds == counts_of<Server>(test).kinds);
}

TEST_CASE("a request of the pooled path is one task, and wakes the worker that sleeps", "[count]") {
  TestTrial test(crowd_trace(kCrowd, 50, 1), 1);
  test.pooled(1);
  const OperationCounts counts = counts_of<Server>(test);
  REQUIRE(counts.kernel);
  const KindCounts& posts = of(counts, Kind::post);
  CHECK(posts.operations == 100);
  CHECK(posts.submits == posts.operations);
  CHECK(posts.wakes == posts.operations);
  CHECK(posts.locks == posts.operations);  // taken on the worker
  const KindCounts& receives = of(counts, Kind::receive);
  CHECK(receives.submits == receives.operations);
}

TEST_CASE("a null server does nothing that is counted", "[count]") {
  const OperationCounts counts = counts_of<pool::NullServer>(TestTrial(crowd_trace(kCrowd, 50, 1), 1));
  const KindCounts& posts = of(counts, Kind::post);
  CHECK(posts.operations == 10'000);
  CHECK(posts.locks + posts.allocations + posts.submits + posts.wakes == 0);
}

TEST_CASE("what is repeated on purpose is counted with what it follows", "[count]") {
  TestTrial marked(crowd_trace(kCrowd, 50, 1), 1);
  marked.input.options.repeat = {.of = RepeatOf::lock, .pct = 100};
  const KindCounts posts = of(counts_of<Server>(marked), Kind::post);
  CHECK(posts.operations == 10'000);
  CHECK(posts.locks == 20'000);
  TestTrial pooled(crowd_trace(kCrowd, 50, 1), 1);
  pooled.pooled(1);
  const KindCounts once = of(counts_of<Server>(pooled), Kind::post);
  pooled.input.options.repeat = {.of = RepeatOf::pool, .pct = 100};
  const KindCounts twice = of(counts_of<Server>(pooled), Kind::post);
  CHECK(twice.operations == once.operations);
  CHECK(twice.submits == 2 * once.submits);
}

TEST_CASE("what cannot be counted has no operations", "[count]") {
  TestTrial threads(crowd_trace(kCrowd, 50, 1), 1);
  threads.dispatched(pool::Dispatch::thread);
  CHECK(of(counts_of<Server>(threads), Kind::post).operations == 0);
  TestTrial stopped(crowd_trace(kCrowd, 50, 1), 1);
  const std::atomic<bool> stop{true};
  stopped.input.stop = &stop;
  CHECK(of(counts_of<Server>(stopped), Kind::post).operations == 0);
}

TEST_CASE("of a trace that ends the second half is counted, of large crowds less", "[count]") {
  workloads::Trace trace = crowd_trace(kCrowd, 9, 1);
  trace.repeats = false;
  CHECK(counted_operations(trace, false) == 5);
  CHECK(of(counts_of<Server>(TestTrial(trace, 1)), Kind::post).operations == 5);
  trace.repeats = true;
  CHECK(counted_operations(trace, false) == 10'000);
  CHECK(counted_operations(trace, true) == 100);
  trace.clients = 20'000;
  CHECK(counted_operations(trace, false) == 500);
  trace.clients = 10'000'000;
  CHECK(counted_operations(trace, false) == 100);
}

}  // namespace
}  // namespace crosstalk::harness::count
