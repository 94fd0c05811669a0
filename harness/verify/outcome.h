// What a case came to.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace crosstalk::harness::verify {

enum class Verdict : std::uint8_t {
  pass,          // every cell was exercised and nothing was found
  fail,          // a property of the contract was broken
  inconclusive,  // not all was exercised, or the system would not let it run
};

struct CellCount {
  std::string name;
  std::uint64_t count = 0;
  bool optional = false;
};

struct CaseEnd {
  Verdict verdict = Verdict::inconclusive;
  std::string property;  // that was broken
  std::string detail;
  std::string trace;   // lines, may be empty
  std::string replay;  // the command that shows it again; empty: as replay.h writes it
  std::string stall;   // how the case hung: deadlock, lost wake-up, livelock; empty: it did not
  std::uint64_t round = 0;
  std::uint64_t threads = 0;
  std::uint64_t operations = 0;  // of one thread in that round
  std::uint64_t rounds = 0;
  std::uint64_t operations_done = 0;  // by all threads in all rounds, as far as the case says what they do
  double seconds = 0;                 // until it was known
  bool complete = false;              // it ran to its end
  bool refused = false;               // its options ask for more than it has; `detail` says for what
  std::vector<CellCount> cells;
};

// What a case came to that ran to its end and found nothing: it passes if every cell was seen.
inline void judge_cells(CaseEnd& end) {
  end.verdict = Verdict::pass;
  end.detail.clear();
  for (const CellCount& cell : end.cells) {
    if (cell.count != 0 || cell.optional) continue;
    end.verdict = Verdict::inconclusive;
    end.detail.append(end.detail.empty() ? "never seen: " : ", ").append(cell.name);
  }
}

}  // namespace crosstalk::harness::verify
