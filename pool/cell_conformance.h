// What any cell must do to be measured: checks against what cell.h promises, without a test framework, for the built-in
// cells' tests and for mechanisms that users plug in.
//
// The checks end by count, not by time. A cell that never lets a thread in hangs them: run them in a process of their own
// with a time-out where the cell is not trusted.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "pool/cell.h"
#include "pool/cell_exercise.h"
#include "pool/conformance.h"
#include "pool/contract.h"
#include "pool/lock_exercise.h"

namespace crosstalk::pool {

namespace detail {

// What `results`, one a write, and the findings say, when the ledger says `count`.
inline ConformanceReport judge(const CellFindings& findings, std::vector<std::int64_t>& results,
                               const Ledger::Entry& end) {
  const auto times = [](const std::atomic<std::uint64_t>& finding) {
    // relaxed: read after join.
    return finding.load(std::memory_order_relaxed);
  };
  const auto told = [&](const std::atomic<std::uint64_t>& finding) {
    std::string text(" ");
    return text.append(std::to_string(times(finding))).append(" times");
  };
  const auto writes = static_cast<std::int64_t>(results.size());
  if (times(findings.torn) != 0 || end.count < writes || !end.whole) {
    return broken("exclusion", std::to_string(writes - end.count) + " of " + std::to_string(writes) +
                                   " updates lost, two writers inside" + told(findings.torn));
  }
  if (times(findings.read_torn) != 0) {
    return broken("exclusion of readers", "a reader saw a change half done" + told(findings.read_torn));
  }
  if (times(findings.runs) != times(findings.reads)) {
    return broken("one run a read",
                  std::to_string(times(findings.reads)) + " reads ran their closure" + told(findings.runs));
  }
  std::sort(results.begin(), results.end());
  for (std::int64_t i = 0; i < writes; ++i) {
    if (results[static_cast<std::size_t>(i)] == i + 1) continue;
    return broken("results", "the writes did not return 1 to " + std::to_string(writes) + ", each once");
  }
  if (end.count != writes) {
    return broken("results", std::to_string(writes) + " writes took effect as " + std::to_string(end.count));
  }
  if (times(findings.invisible) != 0) {
    return broken("visibility", "a read missed a write that had returned before" + told(findings.invisible));
  }
  if (times(findings.backwards) != 0) {
    return broken("visibility", "a thread saw an older state than before" + told(findings.backwards));
  }
  if (times(findings.overdue) != 0) {
    return broken("grace period",
                  "a write returned while a read that had not seen it was inside" + told(findings.overdue));
  }
  return {};
}

template <class M>
ConformanceReport check_cell_exclusion(const ConformanceOptions& options) {
  using Cell = CellOf<M, LedgerOf<M>>;
  for (unsigned round = 0; round < options.rounds; ++round) {
    Cell cell(std::int64_t{0});
    CellFindings findings;
    std::vector<std::int64_t> results;
    std::mutex mutex;
    run_threads(options.threads, [&](unsigned id) {
      const auto mine = CellUser<M, Cell>(cell, findings, id).run(options.operations);
      const std::scoped_lock guard(mutex);
      results.insert(results.end(), mine.begin(), mine.end());
    });
    const auto end = cell.read([](const LedgerOf<M>& data) { return data.look(false); });
    ConformanceReport report = judge(findings, results, end);
    if (!report.passed) return report;
  }
  return {};
}

struct ThrownInCell {};

// What a closure throws comes out, and the cell goes on working; the first count is what it was built with.
template <class M>
ConformanceReport check_cell_exceptions() {
  using Data = LedgerOf<M>;
  constexpr std::int64_t kFirst = 7;
  CellOf<M, Data> cell(kFirst);
  bool write_threw = false;
  bool read_threw = false;
  try {
    cell.write([](Data&) -> int { throw ThrownInCell(); });
  } catch (const ThrownInCell&) {
    write_threw = true;
  }
  try {
    cell.read([](const Data&) -> int { throw ThrownInCell(); });
  } catch (const ThrownInCell&) {
    read_threw = true;
  }
  if (!write_threw || !read_threw) return broken("exceptions", "what a closure throws does not come out");
  const auto add = [](Data& data) { return data.add_one(false); };
  const auto look = [](const Data& data) { return data.look(false); };
  for (std::int64_t i = 1; i <= 4; ++i) {
    const auto written = cell.write(add);
    const auto seen = cell.read(look);
    if (written.count != kFirst + i || seen.count != kFirst + i || !written.whole || !seen.whole) {
      return broken("results", "a thread alone does not get, or read, what it has written");
    }
  }
  return {};
}

}  // namespace detail

// Checks the cells of mechanism M, a lock's too, against what cell.h promises. Takes a fraction of a second with the
// default options.
template <class M>
ConformanceReport check_cell(const ConformanceOptions& options = {}) {
  require_mechanism<M>();
  constexpr LockContract contract = kContractOf<M>;
  if constexpr (contract.one_thread || !contract.exclusive) return {};
  ConformanceReport report = detail::check_cell_exceptions<M>();
  return report.passed ? detail::check_cell_exclusion<M>(options) : report;
}

}  // namespace crosstalk::pool
