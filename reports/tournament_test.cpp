// Tournaments whose answer is known: how often equals are told apart, and how often a difference is found.
#include "reports/tournament.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <random>
#include <vector>

#include "reports/binomial.h"
#include "reports/looks.h"

namespace crosstalk::reports {
namespace {

Contender contender(std::string name, const std::vector<double>& values) {
  Contender result{.name = std::move(name), .values = {}};
  for (std::size_t block = 0; block < values.size(); ++block) result.values[block] = values[block];
  return result;
}

TEST_CASE("too few blocks resolve nothing", "[reports][tournament]") {
  const auto result = judge({contender("a", {10, 11, 12}), contender("b", {1, 1, 1})});
  CHECK_FALSE(result.resolved);
  CHECK(result.ranking.front() == 0);
  CHECK(result.tied.size() == 2);
  CHECK(result.blocks == 3);
  CHECK(result.blocks_needed == 9);
  CHECK(result.duels.at(0).outcome == Outcome::too_few);
  CHECK_FALSE(result.duels.at(0).interval);
  CHECK_FALSE(result.duels.at(0).detectable);
}

TEST_CASE("fields without a contest", "[reports][tournament]") {
  CHECK(judge({}).ranking.empty());
  const auto alone = judge({contender("a", {1, 2})});
  CHECK_FALSE(alone.resolved);
  CHECK(alone.tied.size() == 1);
  CHECK(alone.blocks == 2);
}

TEST_CASE("only blocks that both have are compared", "[reports][tournament]") {
  Contender fast = contender("fast", std::vector<double>(20, 10));
  Contender slow = contender("slow", std::vector<double>(20, 5));
  // A block that only one has says nothing, however wild.
  fast.values.erase(3);
  slow.values[3] = 1e9;
  slow.values.erase(7);
  const auto result = judge({slow, fast});
  REQUIRE(result.resolved);
  CHECK(result.ranking.front() == 1);
  CHECK(result.duels.at(0).blocks == 18);
  CHECK(result.duels.at(0).ratio == Approx(2));
  CHECK(result.duels.at(0).outcome == Outcome::better);
  CHECK(result.duels.at(0).interval->low == Approx(2));
}

TEST_CASE("where small is good the ranking turns round", "[reports][tournament]") {
  const std::vector<Contender> field{contender("slow", std::vector<double>(20, 10)),
                                     contender("fast", std::vector<double>(20, 5))};
  const auto result = judge(field, {.better = Better::smaller});
  CHECK(result.ranking.front() == 1);
  CHECK(result.duels.at(0).ratio == Approx(0.5));
  CHECK(result.duels.at(0).outcome == Outcome::better);
  const auto other = judge_against(0, field, {.better = Better::smaller});
  CHECK(other.ranking == std::vector<std::size_t>{0, 1});
  CHECK(other.duels.at(0).ratio == Approx(2));
  CHECK(other.duels.at(0).outcome == Outcome::worse);
  CHECK_FALSE(other.resolved);
}

TEST_CASE("how narrow intervals are", "[reports][tournament]") {
  std::vector<double> wide, narrow;
  for (int i = 0; i < 20; ++i) {
    wide.push_back(i % 2 == 0 ? 1.1 : 0.9);
    narrow.push_back(i % 2 == 0 ? 1.01 : 0.99);
  }
  const Contender one = contender("one", std::vector<double>(20, 1));
  CHECK(is_narrow(judge({one, contender("narrow", narrow)}), 0.03));
  CHECK_FALSE(is_narrow(judge({one, contender("wide", wide)}), 0.03));
  CHECK_FALSE(is_narrow(judge({contender("a", {1, 1}), contender("b", {1, 1})}), 0.03));
}

TEST_CASE("a look with a small share has to see more", "[reports][tournament]") {
  std::vector<double> values;
  for (int i = 0; i < 12; ++i) values.push_back(1.2 + 0.01 * i);
  const std::vector<Contender> field{contender("a", values), contender("b", std::vector<double>(12, 1))};
  const Duel whole = judge(field).duels.at(0);
  const Duel half = judge(field, {.share = 0.5}).duels.at(0);
  CHECK(whole.outcome == Outcome::better);
  CHECK(half.outcome == Outcome::better);
  CHECK(half.p_holm == Approx(2 * whole.p_holm));
  CHECK(half.interval->low <= whole.interval->low);
  CHECK(judge(field, {.share = 0.05}).duels.at(0).outcome == Outcome::too_few);
  CHECK(judge(field, {.share = 0}).duels.at(0).outcome == Outcome::too_few);
}

enum class TrialNoise { normal, heavy, bimodal, stalls };

// The logarithm of what one trial measures, as contended trials behave: a core of some per cent, and then heavy tails,
// processes that fall into a slow mode as they start, or stalls.
double trial_noise(std::mt19937_64& random, TrialNoise kind) {
  std::normal_distribution<double> core(0, 0.05);
  std::student_t_distribution<double> heavy(2);
  std::uniform_real_distribution<double> share;
  switch (kind) {
    case TrialNoise::normal:
      return core(random);
    case TrialNoise::heavy:
      return 0.05 * heavy(random);
    case TrialNoise::bimodal:
      return core(random) - (share(random) < 0.3 ? 0.5 : 0);
    case TrialNoise::stalls:
      return core(random) - (share(random) < 0.1 ? share(random) : 0);
  }
  return 0;
}

constexpr std::size_t kField = 12;
constexpr TrialNoise kNoises[] = {TrialNoise::normal, TrialNoise::heavy, TrialNoise::bimodal,
                                  TrialNoise::stalls};

// Those from `behind` on are slower than the others by the factor `gap`.
std::vector<Contender> field(std::mt19937_64& random, TrialNoise kind, std::size_t blocks, std::size_t behind,
                             double gap) {
  std::normal_distribution<double> machine(0, 0.2);  // drift that a block has in common
  std::vector<Contender> result(kField);
  for (std::size_t block = 0; block < blocks; ++block) {
    const double common = machine(random);
    for (std::size_t i = 0; i < kField; ++i) {
      result[i].values[block] =
          std::exp(common + trial_noise(random, kind) - (i >= behind ? std::log(gap) : 0));
    }
  }
  return result;
}

// Is any of those that are equal to the leader told from it?
bool errs(const Tournament& tournament, std::size_t behind) {
  for (const Duel& duel : tournament.duels) {
    const bool told = duel.outcome == Outcome::better || duel.outcome == Outcome::worse;
    if (told && duel.other < behind && tournament.ranking.front() < behind) return true;
    if (duel.outcome == Outcome::better && tournament.ranking.front() >= behind) return true;
  }
  return false;
}

TEST_CASE("of 200 tournaments between equals at most 2 find a difference", "[reports][tournament]") {
  std::uint64_t all = 0;
  for (const TrialNoise kind : kNoises) {
    std::mt19937_64 random(17);
    std::uint64_t wrong = 0;
    for (int round = 0; round < 200; ++round)
      wrong += errs(judge(field(random, kind, 25, kField, 1)), kField) ? 1 : 0;
    INFO("noise " << static_cast<int>(kind));
    CHECK(wrong <= 2);
    all += wrong;
  }
  CHECK(clopper_pearson(all, 800, 0.99).low < kFieldLevel);
  CHECK(clopper_pearson(all, 800, 0.99).high < 0.02);
}

TEST_CASE("equals among the faster half are not told apart either", "[reports][tournament]") {
  std::mt19937_64 random(23);
  std::uint64_t wrong = 0;
  std::uint64_t found = 0;
  for (int round = 0; round < 200; ++round) {
    const Tournament result = judge(field(random, TrialNoise::stalls, 40, kField / 2, 1.5));
    wrong += errs(result, kField / 2) ? 1 : 0;
    for (const Duel& duel : result.duels)
      found += duel.other >= kField / 2 && duel.outcome == Outcome::better ? 1 : 0;
  }
  CHECK(wrong <= 2);
  CHECK(found > 200 * kField / 2 * 95 / 100);
}

struct Found {
  std::uint64_t pairs = 0;  // of the leader and another one, told apart
  std::uint64_t of = 0;
};

Found find(TrialNoise kind, std::size_t blocks, double gap) {
  std::mt19937_64 random(29);
  Found found;
  for (int round = 0; round < 60; ++round) {
    const Tournament result = judge(field(random, kind, blocks, 1, gap));
    found.of += kField - 1;
    if (result.ranking.front() != 0) continue;
    for (const Duel& duel : result.duels) found.pairs += duel.outcome == Outcome::better ? 1 : 0;
  }
  return found;
}

TEST_CASE("10 % are resolved in a field of twelve", "[reports][tournament]") {
  const auto at_least = [](TrialNoise kind, std::size_t blocks, double gap, double share) {
    const Found found = find(kind, blocks, gap);
    INFO("noise " << static_cast<int>(kind) << ": " << found.pairs << " of " << found.of);
    CHECK(clopper_pearson(found.pairs, found.of, 0.99).high > share);
    CHECK(static_cast<double>(found.pairs) > (share - 0.05) * static_cast<double>(found.of));
  };
  at_least(TrialNoise::normal, 30, 1.1, 0.95);
  at_least(TrialNoise::heavy, 60, 1.1, 0.85);
  at_least(TrialNoise::stalls, 60, 1.1, 0.85);
  at_least(TrialNoise::bimodal, 60, 1.3,
           0.85);  // 30 % of the trials are slower by 40 %: 10 % are not to be had
}

TEST_CASE("what is not resolved says what could have been seen", "[reports][tournament]") {
  std::mt19937_64 random(31);
  for (const TrialNoise kind : kNoises) {
    std::vector<double> sizes;
    for (int round = 0; round < 20; ++round) {
      for (const Duel& duel : judge(field(random, kind, 45, kField, 1)).duels)
        sizes.push_back(*duel.detectable);
    }
    const Found found = find(kind, 45, std::exp(median(sizes)));
    INFO("noise " << static_cast<int>(kind) << ": " << found.pairs << " of " << found.of);
    CHECK(static_cast<double>(found.pairs) > 0.6 * static_cast<double>(found.of));
    CHECK(static_cast<double>(found.pairs) < 0.95 * static_cast<double>(found.of));
  }
}

}  // namespace
}  // namespace crosstalk::reports
