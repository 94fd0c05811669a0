// Every built-in cell, explored: two write, one reads, and nobody sees a half-done change.
#include <string>
#include <thread>

#include <catch2/catch.hpp>

#include "harness/explore/explore_test_help.h"
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

struct CheckCell {
  template <class Cell>
  void operator()(std::string_view name) const {
    Options options;
    options.depth_first_runs = 5'000;
    options.priority_runs = 500;
    options.random_runs = 200;
    const Result result = explore(options, two_change_one_reads<Cell>);
    INFO(name << ": " << describe(result));
    CHECK(result.passed());
    CHECK(result.phases.size() == 6);
  }
};

}  // namespace

TEST_CASE("every built-in cell keeps its contract under every interleaving explored", "[explore][pool]") {
  pool::for_each_builtin_cell(CheckCell{});
}

}  // namespace crosstalk::harness::explore
