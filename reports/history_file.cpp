#include "reports/history_file.h"

#include <string>

#include "reports/append_file.h"
#include "reports/csv_reader.h"
#include "reports/csv_table.h"

namespace crosstalk::reports {

namespace {

namespace fs = std::filesystem;

constexpr const char* kOtherColumns = "holds other columns than this program writes, or in another order";

void append_to(AppendFile& history, std::span<const HistoryRow> rows) {
  std::string text = history.empty() ? history_header() : std::string();
  for (const HistoryRow& row : rows) text += history_line(row);
  history.append(text);
}

}  // namespace

void prepare_history(const fs::path& file) {
  AppendFile history(file, AppendMode::shared);
  if (history.empty()) {
    append_to(history, {});
    return;
  }
  static_cast<void>(read_history(file));
  if (!history.begins_with(history_header())) throw CsvError(file.string() + ":1: " + kOtherColumns);
}

void append_history(const fs::path& file, std::span<const HistoryRow> rows) {
  AppendFile history(file, AppendMode::shared);
  if (!history.empty()) {
    if (!history.begins_with(history_header())) history.refuse(kOtherColumns);
    if (!history.ends_with_newline()) history.refuse("the last line is cut off");
  }
  append_to(history, rows);
}

}  // namespace crosstalk::reports
