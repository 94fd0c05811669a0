// The tournament of a folder that `crosstalk compare` measured, judged again from its trials.
#pragma once

#include <vector>

#include "harness/recorded_folder.h"
#include "harness/tournament_view.h"

namespace crosstalk::harness {

class RecordedTournament {
 public:
  // What only the run itself knew is taken from comparison.csv: how often the blocks were looked at, what share of the error
  // that left to the last look, and whether processor time per operation said anything in an open loop. Without that file
  // (folders that were merged) the blocks are judged as if nobody had looked. Throws reports::CsvError.
  explicit RecordedTournament(const RecordedFolder& folder);
  RecordedTournament(const RecordedTournament&) = delete;
  RecordedTournament& operator=(const RecordedTournament&) = delete;

  // Points into this object.
  [[nodiscard]] const std::vector<JudgedField>& fields() const noexcept { return judged_; }

 private:
  std::vector<LoadField> fields_;
  std::vector<JudgedField> judged_;
};

}  // namespace crosstalk::harness
