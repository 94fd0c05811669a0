#include "reports/recorded_pairs.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

#include "reports/csv_reader.h"
#include "reports/gate_test_help.h"

namespace crosstalk::reports {
namespace {

TEST_CASE("recorded pairs are read with their times, and what was not measured is nothing",
          "[reports][rivals]") {
  const auto file = std::filesystem::temp_directory_path() / "crosstalk_recorded_pairs_test.csv";
  std::ofstream(file) << kRecordedPairsHeader
                      << "1,1,team,search,base,0,4,10,1,2,,0.5,ok,5,11,0,2,,0.25,saturated\n"
                      << "1,2,team,control,head,1,4,90,1,2,,0.5,ok,5,90,1,2,,0.5,contaminated\n";
  const auto pairs = recorded_pairs(file.string());
  REQUIRE(pairs.size() == 2);
  CHECK(pairs[0].scenario == "team");
  CHECK(pairs[0].base_first);
  CHECK_FALSE(pairs[0].disturbed);
  CHECK(pairs[0].sound);
  CHECK(pairs[0].seconds == 0.75);
  CHECK(pairs[0].base[0] == 4);
  CHECK(pairs[0].head[1] == 11);
  CHECK(pairs[0].head[2] == std::nullopt);  // 0 is no time
  CHECK(pairs[0].base[4] == std::nullopt);
  CHECK_FALSE(pairs[1].base_first);
  CHECK(pairs[1].disturbed);
  CHECK_FALSE(pairs[1].sound);
  std::ofstream(file) << "schema_version,pair,scenario\n1,1,team\n";
  CHECK_THROWS_AS(recorded_pairs(file.string()), CsvError);
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace crosstalk::reports
