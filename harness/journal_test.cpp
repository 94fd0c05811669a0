#include <catch2/catch.hpp>

#include <cstdint>
#include <memory>
#include <vector>

#include "harness/journal.h"

namespace crosstalk::harness {
namespace {

using Points = std::vector<std::uint64_t>;

// Notes the number of each operation, but `odd` instead of number `at`.
std::unique_ptr<TrialReport> keep(std::uint64_t operations, std::uint64_t limit, std::uint64_t at = 0,
                                  std::uint64_t odd = 0) {
  auto report = std::make_unique<TrialReport>();
  Journal journal(limit);
  for (std::uint64_t i = 1; i <= operations && journal.open(); ++i) {
    journal.note(i == at ? odd : i);
    journal.operation_done(*report);
  }
  journal.finish(*report);
  return report;
}

Points points(const TrialReport& report) {
  Points result;
  for (std::size_t i = 0; i < report.checkpoint_count; ++i)
    result.push_back(report.checkpoints[i].operations);
  return result;
}

TEST_CASE("checkpoints stand after every power of two and at the end", "[harness][journal]") {
  constexpr std::uint64_t kNoLimit = ~std::uint64_t{0};
  CHECK(points(*keep(0, kNoLimit)) == Points{});
  CHECK(points(*keep(1, kNoLimit)) == Points{1});
  CHECK(points(*keep(8, kNoLimit)) == Points{1, 2, 4, 8});
  CHECK(points(*keep(11, kNoLimit)) == Points{1, 2, 4, 8, 11});
}

TEST_CASE("a limit ends the journal with a checkpoint, once", "[harness][journal]") {
  CHECK(points(*keep(100, 11)) == Points{1, 2, 4, 8, 11});
  CHECK(points(*keep(100, 8)) == Points{1, 2, 4, 8});
  CHECK(points(*keep(11, 11)) == Points{1, 2, 4, 8, 11});
  CHECK(points(*keep(5, 0)) == Points{});
  CHECK_FALSE(Journal(0).open());
}

TEST_CASE("one different value shows in every checkpoint from there on", "[harness][journal]") {
  for (std::uint64_t at = 1; at <= 20; ++at) {
    const auto truth = keep(20, 20);
    const auto other = keep(20, 20, at, 99);
    for (std::size_t i = 0; i < truth->checkpoint_count; ++i) {
      INFO("value " << at << ", checkpoint " << truth->checkpoints[i].operations);
      CHECK((truth->checkpoints[i].digest == other->checkpoints[i].digest) ==
            (truth->checkpoints[i].operations < at));
    }
  }
}

TEST_CASE("the order of what was noted matters", "[harness][journal]") {
  const auto digest = [](std::uint64_t first, std::uint64_t second) {
    const auto report = std::make_unique<TrialReport>();
    Journal journal(1);
    journal.note(first);
    journal.note(second);
    journal.operation_done(*report);
    return report->checkpoints[0].digest;
  };
  CHECK(digest(1, 2) == digest(1, 2));
  CHECK(digest(1, 2) != digest(2, 1));
}

}  // namespace
}  // namespace crosstalk::harness
