// Fan-out: deliveries a second through one crowded room, each put into an inbox and taken out again by one thread. Receives
// come by as in a run: one client after the other, once per 128 deliveries, so that about 64 wait in each inbox.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "pool/bench_pin.h"
#include "pool/chat/coarse_server.h"
#include "pool/chat/sharded_server.h"
#include "pool/locks/ttas_lock.h"

namespace crosstalk::pool {
namespace {

constexpr std::uint32_t kFanOutBytes = 16;
constexpr std::uint64_t kFanOutShare = 128;

// Ids in an order that a prefetcher cannot guess, the same on every machine.
std::vector<ClientId> fan_out_order(std::uint32_t clients) {
  std::vector<ClientId> order(clients);
  std::iota(order.begin(), order.end(), ClientId{0});
  std::uint64_t state = 1;
  for (std::uint32_t i = clients - 1; i > 0; --i) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    std::swap(order[i], order[(state >> 33) % (i + 1)]);
  }
  return order;
}

template <class Server>
class FanOutRoom {
 public:
  explicit FanOutRoom(std::uint32_t members)
      : members_(members), server_({.clients = members}), caller_(server_.make_caller()) {
    for (const ClientId client : fan_out_order(members)) {
      server_.connect(caller_, client);
      server_.join(caller_, client, 0);
    }
  }

  void post() {
    credit_ += server_.post(caller_, poster_, 0, poster_, kFanOutBytes).recipients;
    poster_ = (poster_ + 1) % members_;
    for (; credit_ >= kFanOutShare; credit_ -= kFanOutShare) {
      received_ += server_.receive(caller_, receiver_, [this](const Delivery* first, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) sum_ += first[i].sequence;
      });
      receiver_ = (receiver_ + 1) % members_;
    }
  }
  [[nodiscard]] std::uint64_t received() const noexcept { return received_; }
  [[nodiscard]] std::uint64_t sum() const noexcept { return sum_; }

 private:
  std::uint32_t members_;
  Server server_;
  Caller caller_;
  ClientId poster_ = 0;
  ClientId receiver_ = 0;
  std::uint64_t credit_ = 0;
  std::uint64_t received_ = 0;
  std::uint64_t sum_ = 0;
};

// An iteration is one post and the receives that are due then; items are deliveries received.
template <class Server>
void fan_out(benchmark::State& state) {
  const BenchPin pin(0);
  FanOutRoom<Server> room(static_cast<std::uint32_t>(state.range(0)));
  for (std::uint64_t i = 0; i < 4 * kFanOutShare; ++i) room.post();  // until the backlog is what it will be
  const std::uint64_t before = room.received();
  for (auto _ : state) room.post();
  benchmark::DoNotOptimize(room.sum());
  state.SetItemsProcessed(static_cast<std::int64_t>(room.received() - before));
}

void fan_out_coarse_ttas(benchmark::State& state) {
  fan_out<CoarseServer<TtasLock>>(state);
}
void fan_out_sharded_ttas(benchmark::State& state) {
  fan_out<ShardedServer<TtasLock>>(state);
}

BENCHMARK(fan_out_coarse_ttas)->Arg(100)->Arg(1'000)->Arg(10'000)->Unit(benchmark::kMicrosecond);
BENCHMARK(fan_out_sharded_ttas)->Arg(100)->Arg(1'000)->Arg(10'000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace crosstalk::pool
