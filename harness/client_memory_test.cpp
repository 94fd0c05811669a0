#include <catch2/catch.hpp>

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "harness/client_book.h"
#include "harness/recorder.h"
#include "harness/trial_test_help.h"
#include "pool/executor/strand.h"
#include "pool/executor/thread_pool.h"

namespace crosstalk::harness {
namespace {

constexpr std::uint32_t kClients = 100'000;
constexpr double kMostBytes = 200;

// What the harness keeps of each client while a trial runs, the server's own memory apart.
TEST_CASE("a client in a room costs the harness at most 200 bytes, with a strand for the pool",
          "[harness][client_memory]") {
  pool::ThreadPool pool(pool::ThreadPool::Options::fixed(1));
  const std::uint64_t before = allocations().bytes;
  const std::vector<ClientTally> tallies(kClients);
  ClientBook book(kClients, false);
  for (std::uint32_t client = 0; client < kClients; ++client) book.joined(client, client % 100, 5, 5);
  const std::uint64_t direct = allocations().bytes - before;
  std::deque<pool::Strand> strands;
  for (std::uint32_t client = 0; client < kClients; ++client) strands.emplace_back(pool);
  const std::uint64_t pooled = allocations().bytes - before;
  INFO(static_cast<double>(direct) / kClients << " bytes, " << static_cast<double>(pooled) / kClients
                                              << " with a strand");
  CHECK(direct > kClients * sizeof(Stay));  // it was counted
  CHECK(static_cast<double>(pooled) <= kMostBytes * kClients);
}

}  // namespace
}  // namespace crosstalk::harness
