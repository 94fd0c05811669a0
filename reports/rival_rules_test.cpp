#include "reports/rival_rules.h"

#include <catch2/catch.hpp>

#include <set>
#include <string>

#include "reports/gate_test_help.h"

namespace crosstalk::reports {
namespace {

const std::vector<double> kNine{10.1, 9.8, 10.4, 10.0, 9.7, 10.2, 9.9, 10.3, 10.6};
const std::vector<double> kOtherNine{10.5, 10.7, 10.35, 10.9, 10.15, 11.0, 10.8, 10.45, 10.05};

const RivalRule& rule_of(std::string_view name) {
  for (const RivalRule& rule : rival_rules()) {
    if (rule.name == name) return rule;
  }
  throw std::logic_error("no such rule");
}

bool red(std::string_view name, const std::vector<double>& base, const std::vector<double>& head) {
  return rule_of(name).score(base, head) > rule_of(name).limit;
}

std::vector<double> around(double centre, std::size_t count, std::uint64_t seed) {
  SyntheticNormal normal(seed);
  std::vector<double> values(count);
  for (double& value : values) value = centre * (1 + 0.01 * normal());
  return values;
}

TEST_CASE("U test agrees with scipy", "[reports][rivals]") {
  // scipy 1.10: mannwhitneyu(a, b, alternative='two-sided', method='exact' or 'asymptotic')
  CHECK(mann_whitney_p(kNine, kOtherNine) == Approx(0.014191690662278898));
  CHECK(mann_whitney_p(kOtherNine, kNine) == Approx(0.014191690662278898));
  CHECK(mann_whitney_p(std::vector<double>{1, 2, 2, 3, 4, 5, 5}, std::vector<double>{2, 4, 5, 6, 6, 7}) ==
        Approx(0.08215265384607152));
  std::vector<double> many, others;
  for (int i = 0; i < 25; ++i) many.push_back(i * 37 % 101);
  for (int i = 0; i < 21; ++i) others.push_back(i * 53 % 97 + 10.5);
  CHECK(mann_whitney_p(many, others) == Approx(0.4402062445882329));
  CHECK(mann_whitney_p(std::vector<double>{1, 2, 3}, std::vector<double>{4, 5, 6}) ==
        Approx(0.1));  // 2 of 20
  CHECK(mann_whitney_p(std::vector<double>{7, 7}, std::vector<double>{7, 7}) == 1);
  CHECK(mann_whitney_p({}, kNine) == 1);
}

TEST_CASE("hyperfine's sigma by numpy", "[reports][rivals]") {
  // r = B.mean() / A.mean(); s = r * hypot(A.std(ddof=1) / A.mean(), B.std(ddof=1) / B.mean()); (r - 1) / s
  CHECK(ratio_in_sigmas(std::vector<double>{10, 11, 12}, std::vector<double>{11, 13, 15}) ==
        Approx(0.8609265282143157));
}

TEST_CASE("Criterion's interval is that of the mean", "[reports][rivals]") {
  const auto base = around(10, 100, 1);
  // The means differ by 5 %, with a standard error of sqrt(2) x 1 % / 10: the lower end lies 1.96 of it below.
  CHECK(criterion_change(base, around(10.5, 100, 2)) == Approx(0.0472).margin(0.003));
  CHECK(criterion_change(base, around(10, 100, 3)) < 0.01);
}

TEST_CASE("each rule is red for what is twice as slow, none for what is faster", "[reports][rivals]") {
  std::set<std::string_view> names;
  const auto base = around(10, 20, 4);
  for (const RivalRule& rule : rival_rules()) {
    CAPTURE(rule.name);
    CHECK(names.insert(rule.name).second);
    CHECK(red(rule.name, base, around(25, 20, 5)));
    CHECK_FALSE(red(rule.name, base, around(5, 20, 6)));
  }
}

TEST_CASE("limits are those of the tools", "[reports][rivals]") {
  const auto base = around(10, 20, 7);
  const auto slower = around(10.7, 20, 8);  // 7 %, shown beyond doubt
  CHECK(red("U test (compare.py, benchstat)", base, slower));
  CHECK(red("Criterion", base, slower));
  CHECK(red("hyperfine mean - sigma", base, slower));
  CHECK_FALSE(red("asv continuous", base, slower));
  CHECK_FALSE(red("110 % of the mean", base, slower));
  CHECK_FALSE(red("200 % of the stored", base, slower));
}

}  // namespace
}  // namespace crosstalk::reports
