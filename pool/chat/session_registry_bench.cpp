// The session registry beside the textbook's: a hash map of sessions behind one mutex. A thread has clients of its own,
// as a server's connections have.
#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "pool/chat/session_registry.h"

namespace crosstalk::pool {
namespace {

constexpr std::uint32_t kSessionClients = 1 << 14;

// The textbook: every operation takes the one mutex.
class MutexSessions {
 public:
  bool connect(ClientId client) {
    const std::scoped_lock guard(mutex_);
    return sessions_.try_emplace(client, std::chrono::steady_clock::now()).second;
  }
  bool disconnect(ClientId client) {
    const std::scoped_lock guard(mutex_);
    return sessions_.erase(client) != 0;
  }
  bool heartbeat(ClientId client, Deadline now) {
    const std::scoped_lock guard(mutex_);
    const auto found = sessions_.find(client);
    if (found == sessions_.end()) return false;
    found->second = now;
    return true;
  }
  std::size_t reap(std::chrono::nanoseconds timeout) {
    const Deadline oldest = std::chrono::steady_clock::now() - timeout;
    const std::scoped_lock guard(mutex_);
    return std::erase_if(sessions_, [oldest](const auto& session) { return session.second < oldest; });
  }

 private:
  std::mutex mutex_;  // guards sessions_
  std::unordered_map<ClientId, Deadline> sessions_;
};

SessionRegistry::Options session_bench_options() {
  SessionRegistry::Options options;
  options.clients = kSessionClients + 1;
  options.idle_timeout = std::chrono::seconds(30);
  return options;
}

// The clients of one thread: each thread's lie beside the others', as ids given out in turn do.
ClientId session_bench_client(const benchmark::State& state, std::uint64_t turn) {
  const auto threads = static_cast<std::uint64_t>(state.threads());
  return static_cast<ClientId>((turn * threads + static_cast<std::uint64_t>(state.thread_index())) %
                               kSessionClients);
}

void session_connect_disconnect(benchmark::State& state) {
  static SessionRegistry registry(session_bench_options());
  if (state.thread_index() == 0) registry.connect(kSessionClients);  // a server that is never quite empty
  std::uint64_t turn = 0;
  for (auto _ : state) {
    registry.disconnect(registry.connect(session_bench_client(state, turn++)).session);
  }
  state.SetItemsProcessed(state.iterations());
}

void textbook_connect_disconnect(benchmark::State& state) {
  static MutexSessions sessions;
  if (state.thread_index() == 0) sessions.connect(kSessionClients);
  std::uint64_t turn = 0;
  for (auto _ : state) {
    const ClientId client = session_bench_client(state, turn++);
    sessions.connect(client);
    sessions.disconnect(client);
  }
  state.SetItemsProcessed(state.iterations());
}

SessionRegistry& full_registry() {
  static const std::unique_ptr<SessionRegistry> registry = [] {
    auto made = std::make_unique<SessionRegistry>(session_bench_options());
    for (ClientId client = 0; client < kSessionClients; ++client) made->connect(client);
    return made;
  }();
  return *registry;
}

MutexSessions& full_textbook() {
  static const std::unique_ptr<MutexSessions> sessions = [] {
    auto made = std::make_unique<MutexSessions>();
    for (ClientId client = 0; client < kSessionClients; ++client) made->connect(client);
    return made;
  }();
  return *sessions;
}

void session_heartbeat(benchmark::State& state) {
  SessionRegistry& registry = full_registry();
  std::uint64_t turn = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(registry.heartbeat({session_bench_client(state, turn++), 0}));
  }
  state.SetItemsProcessed(state.iterations());
}

void textbook_heartbeat(benchmark::State& state) {
  MutexSessions& sessions = full_textbook();
  std::uint64_t turn = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        sessions.heartbeat(session_bench_client(state, turn++), std::chrono::steady_clock::now()));
  }
  state.SetItemsProcessed(state.iterations());
}

// As an event loop does it: the clock is read once for many.
void session_heartbeat_known_time(benchmark::State& state) {
  SessionRegistry& registry = full_registry();
  const Deadline now = std::chrono::steady_clock::now();
  std::uint64_t turn = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(registry.heartbeat({session_bench_client(state, turn++), 0}, now));
  }
  state.SetItemsProcessed(state.iterations());
}

void textbook_heartbeat_known_time(benchmark::State& state) {
  MutexSessions& sessions = full_textbook();
  const Deadline now = std::chrono::steady_clock::now();
  std::uint64_t turn = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(sessions.heartbeat(session_bench_client(state, turn++), now));
  }
  state.SetItemsProcessed(state.iterations());
}

// What a queued request asks before it runs.
void session_active(benchmark::State& state) {
  const SessionRegistry& registry = full_registry();
  std::uint64_t turn = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(registry.active({session_bench_client(state, turn++), 0}));
  }
  state.SetItemsProcessed(state.iterations());
}

// Items are sessions looked at; none is idle. The textbook keeps everybody out meanwhile.
void session_reap(benchmark::State& state) {
  SessionRegistry& registry = full_registry();
  for (ClientId client = 0; client < kSessionClients; ++client) registry.heartbeat({client, 0});
  for (auto _ : state) benchmark::DoNotOptimize(registry.reap());
  state.SetItemsProcessed(state.iterations() * kSessionClients);
}

void textbook_reap(benchmark::State& state) {
  MutexSessions& sessions = full_textbook();
  const Deadline now = std::chrono::steady_clock::now();
  for (ClientId client = 0; client < kSessionClients; ++client) sessions.heartbeat(client, now);
  for (auto _ : state) benchmark::DoNotOptimize(sessions.reap(std::chrono::hours(1)));
  state.SetItemsProcessed(state.iterations() * kSessionClients);
}

BENCHMARK(session_connect_disconnect)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK(textbook_connect_disconnect)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK(session_heartbeat)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK(textbook_heartbeat)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK(session_heartbeat_known_time)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK(textbook_heartbeat_known_time)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK(session_active)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK(session_reap)->UseRealTime();
BENCHMARK(textbook_reap)->UseRealTime();

}  // namespace
}  // namespace crosstalk::pool
