#include "reports/comparison.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <set>

#include "reports/schema.h"

namespace crosstalk::reports {
namespace {

ComparisonRow row() {
  ComparisonRow row;
  row.run_id = "r1";
  row.load = "closed, 5 clients, 2 drivers";
  row.metric = "throughput";
  row.value = "median of 10ms slices";
  row.leader = "a/a";
  row.other = "b/b";
  row.leader_value = 1'100;
  row.other_value = 1'000;
  row.duel.outcome = Outcome::better;
  row.duel.ratio = 1.125;
  row.duel.interval = Span{1.0625, 1.25};
  row.duel.p = 0.0009765625;
  row.duel.p_holm = 0.001953125;
  row.duel.blocks = 20;
  row.duel.deviation = 0.5;
  row.duel.detectable = std::log(1.25);
  return row;
}

TEST_CASE("a comparison's line holds what the columns say", "[reports][comparison]") {
  CHECK(
      comparison_header() ==
      "schema_version,run_id,load,metric,value,better,leader,other,leader_value,other_value,ratio,ratio_low,"
      "ratio_high,confidence_pct,p,p_holm,blocks,looks,sd_pair_pct,mde_pct,verdict\n");
  CHECK(
      comparison_line(row()) ==
      "1,r1,\"closed, 5 clients, 2 drivers\",throughput,median of 10ms slices,larger,a/a,b/b,1100,1000,1.125,1.0625,"
      "1.25,95,0.0009765625,0.001953125,20,1,50,25,better\n");
}

TEST_CASE("what is not known is an empty cell", "[reports][comparison]") {
  ComparisonRow few = row();
  few.better = Better::smaller;
  few.load = "closed";
  few.leader_value.reset();
  few.duel = Duel{};
  few.duel.blocks = 2;
  CHECK(
      comparison_line(few) ==
      "1,r1,closed,throughput,median of 10ms slices,smaller,a/a,b/b,,1000,1,,,95,1,1,2,1,0,,too_few_blocks\n");
}

TEST_CASE("every verdict has a word, every column a meaning", "[reports][comparison]") {
  std::set<std::string_view> words;
  for (const Outcome outcome : {Outcome::better, Outcome::worse, Outcome::unresolved, Outcome::too_few})
    words.insert(to_string(outcome));
  CHECK(words.size() == 4);
  for (const Column& column : comparison_columns()) CHECK_FALSE(column.meaning.empty());
  const std::string line = comparison_line(row());
  const auto commas = std::count(line.begin(), line.end(), ',') - 2;  // two stand in the load
  CHECK(static_cast<std::size_t>(commas) + 1 == comparison_columns().size());
}

}  // namespace
}  // namespace crosstalk::reports
