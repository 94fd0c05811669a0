// Several results folders become one: shards of a plan whose rows were run one by one, or runs that were repeated.
//
// The merged folder holds the rows of all of them side by side, as if one program had measured them: nothing is summed and
// nothing is averaged. What reads it adds the histograms of repetitions and takes percentiles of that, as with any folder.
// Throughputs are not added up either: trials are separate experiments, not parts of one load.
#pragma once

#include <filesystem>
#include <stdexcept>
#include <vector>

namespace crosstalk::reports {

// Folders that must not stand in one; the text says why.
class NotComparable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Writes `out`, which must not exist or be an empty folder, whole or not at all: runs.csv, latency.csv, intervals.csv,
// clients.csv, environment.csv with the facts of all and `merged_from`, and plan.csv where all have the same. Verdicts
// (comparison.csv, blocks.csv, map.csv, capacity.csv) are of the parts and stay there.
//
// Refused with NotComparable: other columns, another build (commit, compiler, build type, allocator), another machine
// (processor, their number, architecture, kernel), another trace for the same load, and a trial that stands in two of them.
// Blocks that collide become further blocks (block_numbers.h). Throws CsvError and OutputError.
void merge_folders(const std::vector<std::filesystem::path>& folders, const std::filesystem::path& out);

}  // namespace crosstalk::reports
