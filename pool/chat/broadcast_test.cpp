#include "pool/chat/broadcast.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <new>
#include <stdexcept>
#include <thread>
#include <vector>

#include "pool/chat/sharded_server.h"
#include "pool/counting_resource.h"
#include "pool/executor/thread_pool.h"
#include "pool/interposed_calls.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

ServerOptions broadcast_options(Dispatch dispatch, Executor* executor = nullptr, std::uint32_t rooms = 3) {
  ServerOptions options;
  options.rooms = rooms;
  options.dispatch = dispatch;
  options.executor = executor;
  return options;
}

// Posts by room, in the order in which they were handed out.
struct HandedOut {
  std::mutex mutex;
  std::map<RoomId, std::vector<std::uint64_t>> sequences;
  std::atomic<std::uint64_t> count{0};

  void add(const PostEvent& event) {
    const std::scoped_lock guard(mutex);
    sequences[event.message->room].push_back(event.message->sequence);
    ++count;
  }
};

TEST_CASE("an inlined post is handed out inside publish, by the same thread", "[pool][broadcast]") {
  std::thread::id ran_on;
  const PostEvent* seen = nullptr;
  Broadcast broadcast(broadcast_options(Dispatch::inlined), [&](const PostEvent& event) {
    ran_on = std::this_thread::get_id();
    seen = &event;
  });
  const Message message{.sequence = 1, .tag = 0, .room = 2, .sender = 0, .bytes = 0};
  const PostEvent event{&message, {{1, 0}, {2, 0}}, {}};
  broadcast.publish(2, event);
  CHECK(ran_on == std::this_thread::get_id());
  CHECK(seen == &event);  // not a copy
  broadcast.settle();
}

TEST_CASE("what handing out throws reaches the poster, if it is still there", "[pool][broadcast]") {
  Broadcast inlined(broadcast_options(Dispatch::inlined), [](const PostEvent&) { throw std::bad_alloc(); });
  const Message message{.sequence = 1, .tag = 0, .room = 0, .sender = 0, .bytes = 0};
  CHECK_THROWS_AS(inlined.publish(0, {&message, {}, {}}), std::bad_alloc);

  ThreadPool pool(ThreadPool::Options::fixed(1));
  Broadcast pooled(broadcast_options(Dispatch::pooled, &pool),
                   [](const PostEvent&) { throw std::bad_alloc(); });
  pooled.publish(0, {&message, {}, {}});
  pooled.settle();
  CHECK(pooled.failures() == 1);
}

// As a pool after its shutdown.
struct RefusingExecutor final : Executor {
  Admission post(Task /*task*/, Priority /*priority*/) override { return Admission::rejected; }
};
// As a pool that is never given a thread.
struct IdleExecutor final : Executor {
  Admission post(Task task, Priority /*priority*/) override {
    tasks.push_back(std::move(task));
    return Admission::accepted;
  }
  std::vector<Task> tasks;
};

TEST_CASE("a post that the executor refuses or destroys is given up, and nobody waits for it",
          "[pool][broadcast]") {
  const Message message{.sequence = 1, .tag = 0, .room = 0, .sender = 0, .bytes = 0};
  std::vector<const Message*> given_back;
  const auto give_back = [&](const Message* given) { given_back.push_back(given); };
  unsigned handed_out = 0;
  const auto deliver = [&](const PostEvent&) { ++handed_out; };
  {
    RefusingExecutor refusing;
    Broadcast broadcast(broadcast_options(Dispatch::pooled, &refusing), deliver, give_back);
    for (int i = 0; i < 3; ++i) broadcast.publish(0, {&message, {{1, 0}}, {}});
    broadcast.settle();
    CHECK(broadcast.failures() == 3);
  }
  IdleExecutor idle;
  {
    Broadcast broadcast(broadcast_options(Dispatch::pooled, &idle), deliver, give_back);
    broadcast.publish(0, {&message, {{1, 0}}, {}});
    CHECK(broadcast.failures() == 0);
    idle.tasks.clear();  // as a pool that drops it
    broadcast.settle();
    CHECK(broadcast.failures() == 1);
    broadcast.publish(1, {&message, {{1, 0}}, {}});  // still waits when the broadcast ends
  }
  CHECK(handed_out == 0);
  CHECK(given_back == std::vector<const Message*>(5, &message));
}

TEST_CASE("a post for which there is no thread is handed out by the poster, once", "[pool][broadcast]") {
  const Message message{.sequence = 1, .tag = 0, .room = 0, .sender = 0, .bytes = 0};
  unsigned given_back = 0;
  std::thread::id ran_on;
  Broadcast broadcast(
      broadcast_options(Dispatch::thread), [&](const PostEvent&) { ran_on = std::this_thread::get_id(); },
      [&](const Message*) { ++given_back; });
  {
    const ThreadFailures none_to_be_had(0, 1000);
    broadcast.publish(0, {&message, {{1, 0}}, {}});
  }
  broadcast.settle();
  CHECK(ran_on == std::this_thread::get_id());
  CHECK(given_back == 0);
  CHECK(broadcast.failures() == 0);
}

TEST_CASE("a server whose executor refuses keeps no message, and ends", "[pool][broadcast]") {
  RefusingExecutor refusing;
  CountingResource memory;
  ServerOptions options = broadcast_options(Dispatch::pooled, &refusing);
  options.clients = 2;
  options.memory = &memory;
  ShardedServer<std::mutex> server(options);
  auto caller = server.make_caller();
  for (ClientId client = 0; client < 2; ++client) {
    server.connect(caller, client);
    server.join(caller, client, 0);
  }
  const std::int64_t before = memory.bytes_out();
  constexpr std::uint32_t kBytes = 1'000'000;  // memory of its own, which goes back with the last reference
  for (int i = 0; i < 3; ++i) CHECK(server.post(caller, 0, 0, 0, kBytes).outcome == Outcome::ok);
  server.settle();
  server.direct(caller, 0, 1, 0, 0);  // the writer lets go of the message before
  server.settle();
  CHECK(memory.bytes_out() - before < std::int64_t{kBytes});
  CHECK(server.inbox_totals().enqueued == 0);
}

TEST_CASE("pooled dispatch without an executor is refused", "[pool][broadcast]") {
  CHECK_THROWS_AS(Broadcast(broadcast_options(Dispatch::pooled), [](const PostEvent&) {}),
                  std::invalid_argument);
}

TEST_CASE("posters wait while too many posts are under way", "[pool][broadcast]") {
  std::atomic<bool> open{false};
  HandedOut handed_out;
  ThreadPool pool(ThreadPool::Options::fixed(1));
  Broadcast broadcast(broadcast_options(Dispatch::pooled, &pool), [&](const PostEvent& event) {
    while (!open) sched_yield();
    handed_out.add(event);
  });
  const Message message{.sequence = 1, .tag = 0, .room = 0, .sender = 0, .bytes = 0};
  constexpr std::uint64_t kPosts = Broadcast::kMostUnderWay + 10;
  std::atomic<std::uint64_t> published{0};
  std::thread poster([&] {
    for (std::uint64_t i = 0; i < kPosts; ++i) {
      broadcast.publish(0, {&message, {}, {}});
      ++published;
    }
  });
  while (published < Broadcast::kMostUnderWay) sched_yield();
  CHECK(published == Broadcast::kMostUnderWay);
  open = true;
  poster.join();
  broadcast.settle();
  CHECK(handed_out.count == kPosts);
}

TEST_CASE("every post is handed out once, and those of a room in order where that is promised",
          "[pool][broadcast][stress]") {
  constexpr std::uint64_t kPosts = 400;
  for (const Dispatch dispatch : {Dispatch::inlined, Dispatch::pooled, Dispatch::thread}) {
    for (unsigned round = 0; round < stress_rounds(20); ++round) {
      HandedOut handed_out;
      ThreadPool pool(ThreadPool::Options::fixed(2));
      const bool threads = dispatch == Dispatch::thread;
      const std::uint64_t posts = threads ? kPosts / 10 : kPosts;
      {
        Broadcast broadcast(broadcast_options(dispatch, &pool),
                            [&](const PostEvent& event) { handed_out.add(event); });
        std::vector<std::thread> posters;
        for (RoomId room = 0; room < 3; ++room) {
          posters.emplace_back([&, room] {
            std::vector<Message> messages(posts);
            for (std::uint64_t i = 0; i < posts; ++i) {
              messages[i].room = room;
              messages[i].sequence = i;
              broadcast.publish(room, {&messages[i], {{1, 0}}, {}});
            }
            broadcast.settle();  // before the messages go
          });
        }
        for (std::thread& poster : posters) poster.join();
      }
      REQUIRE(handed_out.count == 3 * posts);
      if (threads) continue;
      for (const auto& [room, sequences] : handed_out.sequences) {
        REQUIRE(sequences.size() == posts);
        REQUIRE(std::is_sorted(sequences.begin(), sequences.end()));
      }
    }
  }
}

}  // namespace
}  // namespace crosstalk::pool
