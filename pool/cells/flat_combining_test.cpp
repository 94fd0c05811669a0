#include <sched.h>
#include <catch2/catch.hpp>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "pool/cell.h"
#include "pool/cells/flat_combining.h"
#include "pool/lock_exercise.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

TEST_CASE("flat combining: what cannot be copied is guarded and returned", "[pool][cell]") {
  CellOf<FlatCombining, std::unique_ptr<int>> cell(std::make_unique<int>(4));
  CHECK(*cell.write([](std::unique_ptr<int>& data) { return std::exchange(data, nullptr); }) == 4);
  CHECK(cell.read([](const std::unique_ptr<int>& data) { return data == nullptr; }));
}

TEST_CASE("flat combining: a thread does what another one has published", "[pool][cell][stress]") {
  CellOf<FlatCombining, int> cell(0);
  std::atomic<bool> foreign{false};
  // Until it has happened: the first holds the others up until they are under way.
  for (int round = 0; !foreign; ++round) {
    std::atomic<unsigned> under_way{0};
    detail::run_threads(4, [&](unsigned) {
      const auto self = std::this_thread::get_id();
      ++under_way;
      cell.write([&, self](int& value) {
        while (under_way < 4) sched_yield();
        if (std::this_thread::get_id() != self) foreign = true;
        return ++value;
      });
    });
    REQUIRE(cell.read([](const int& value) { return value; }) == (round + 1) * 4);
  }
}

TEST_CASE("flat combining: an exception comes out of the operation that threw it, and of no other",
          "[pool][cell][stress]") {
  CellOf<FlatCombining, std::vector<unsigned>> cell;
  std::atomic<unsigned> wrong{0};
  const unsigned operations = stress_rounds(2'000);
  detail::run_threads(4, [&](unsigned id) {
    for (unsigned i = 0; i < operations; ++i) {
      const std::string mine = std::to_string(id) + "/" + std::to_string(i);
      const bool throws = (i + id) % 3 == 0;
      try {
        cell.write([&](std::vector<unsigned>& data) {
          data.push_back(id);
          if (throws) throw std::runtime_error(mine);
          return data.size();
        });
        if (throws) ++wrong;
      } catch (const std::runtime_error& error) {
        if (!throws || error.what() != mine) ++wrong;
      }
    }
  });
  CHECK(wrong == 0);
  // What was changed before the exception stays changed.
  CHECK(cell.read([](const std::vector<unsigned>& data) { return data.size(); }) == 4 * operations);
}

}  // namespace
}  // namespace crosstalk::pool
