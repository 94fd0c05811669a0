// Every built-in cell, explored: two write, one reads, and nobody sees a half-done change. Judged by pool_scenarios_test.cpp, and run
// by crosstalk_explore_pool.
#include <string>
#include <thread>

#include "harness/explore/scenario.h"
#include "pool/builtin.h"
#include "pool/cell.h"

namespace crosstalk::harness::explore {

namespace {

struct ExploredPair {
  int left = 0;
  int right = 0;
};

template <class Cell>
void two_change_one_reads() {
  pool::CellOf<Cell, ExploredPair> pair;
  {
    const auto change = [&] {
      pair.write([](ExploredPair& data) {
        ++data.left;
        return ++data.right;
      });
    };
    std::jthread first(change);
    std::jthread second(change);
    std::jthread third([&] {
      const bool whole = pair.read([](const ExploredPair& data) { return data.left == data.right; });
      require(whole, "half written");
    });
  }
  require(pair.read([](const ExploredPair& data) { return data.left; }) == 2, "a change is lost");
}

struct AddCell {
  template <class Cell>
  void operator()(std::string_view name) const {
    scenarios().push_back({"cell/" + std::string(name) + "/two_change_one_reads", two_change_one_reads<Cell>,
                           name == "left_right" || name == "rcu_cell" ? Schedules::sample : Schedules::all});
  }
};

const bool builtin_cells_added = (pool::for_each_builtin_cell(AddCell{}), true);

}  // namespace

}  // namespace crosstalk::harness::explore
