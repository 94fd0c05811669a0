// What a history says, for people in 80 columns and for programs.
#pragma once

#include <string>
#include <vector>

#include "harness/streams.h"
#include "harness/text_table.h"
#include "reports/history_findings.h"

namespace crosstalk::harness {

// One sentence: how many series drift, and how many changes there are.
[[nodiscard]] std::string history_answer(const std::vector<reports::SeriesFindings>& findings);

// A sentence for each drift, those that go on first, and for each change.
[[nodiscard]] std::vector<std::string> history_sentences(
    const std::vector<reports::SeriesFindings>& findings);

// Series whose points resemble their neighbours; for standard error.
[[nodiscard]] std::vector<std::string> history_warnings(const std::vector<reports::SeriesFindings>& findings);

struct HistoryForm {
  Format format = Format::table;
  bool points = false;  // for programs: every point
};

// All of it; a table for each machine and anchor. Programs' formats have one table alone on standard output.
void print_history(const std::vector<reports::SeriesFindings>& findings, HistoryForm form, Streams streams);

}  // namespace crosstalk::harness
