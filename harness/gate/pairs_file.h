// pairs.csv: every pair that was measured, disturbed ones and those of the control too, with all that was drawn for it. From
// this file alone the verdicts can be had again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "harness/gate/block_runner.h"
#include "reports/csv_writer.h"

namespace crosstalk::harness::gate {

// What a pair is for.
enum class PairUse : std::uint8_t { search, confirm, control };
[[nodiscard]] std::string_view to_string(PairUse use) noexcept;

struct MeasuredPair {
  std::uint64_t number = 0;  // in the order of measurement, from 1
  std::string scenario;
  PairUse use = PairUse::search;
  bool base_first = true;
  bool disturbed = false;  // measured again, and not counted
  Block base{}, head{};    // of a control pair `head` is the second copy of the base
};

// "schema_version,pair,scenario,use,first,disturbed,base_layout,...", its end included.
[[nodiscard]] std::string pairs_header();
[[nodiscard]] std::string pairs_row(const MeasuredPair& pair);

class PairsFile {
 public:
  // Throws reports::OutputError, and so does add().
  explicit PairsFile(const std::filesystem::path& file) : file_(file, pairs_header()) {}
  void add(const MeasuredPair& pair) { file_.append(pairs_row(pair)); }

 private:
  reports::CsvFile file_;
};

}  // namespace crosstalk::harness::gate
