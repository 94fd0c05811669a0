// Appends to history.csv, which outlives everything else that is measured: rows come whole or not at all, several gates may
// append at once, and what is there is never changed.
#pragma once

#include <filesystem>
#include <span>

#include "reports/history.h"

namespace crosstalk::reports {

// Before anything is measured: makes the file with its header, or reads all of the one that is there. Throws CsvError for a file that
// is damaged or has other columns than this program writes, and OutputError for one that cannot be written.
void prepare_history(const std::filesystem::path& file);

// All rows in one write, which is on the disk when this returns; makes the file where there is none. On failure the file keeps its
// length. Throws OutputError, also where the header is another or the last line is cut off.
void append_history(const std::filesystem::path& file, std::span<const HistoryRow> rows);

}  // namespace crosstalk::reports
