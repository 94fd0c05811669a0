#include "harness/gate/count_words.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

namespace crosstalk::harness::gate {

namespace {

constexpr std::size_t kShownCounts = 5;

std::string digits_of(const char* format, double value) {
  char text[48];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

// Lists what f makes of each of the counts, the first few of them.
template <class F>
std::string listed(const std::vector<OpCount>& counts, F&& f) {
  std::string text;
  for (std::size_t i = 0; i < std::min(counts.size(), kShownCounts); ++i)
    text += (text.empty() ? "" : ", ") + f(counts[i]);
  if (counts.size() > kShownCounts) text += " and " + std::to_string(counts.size() - kShownCounts) + " more";
  return text;
}

// Kinds of operation, and their sum only where no kind shows it: else everything is said twice.
std::vector<OpCount> changed(const std::vector<OpCount>& counts) {
  std::vector<OpCount> found;
  for (const OpCount& count : counts) {
    const bool in_a_kind = std::any_of(counts.begin(), counts.end(), [&](const OpCount& other) {
      return other.name == count.name && other.op != "all" && other.has_changed();
    });
    if (count.has_changed() && (count.op != "all" || !in_a_kind)) found.push_back(count);
  }
  return found;
}

std::string inexact(const std::vector<OpCount>& counts) {
  std::vector<OpCount> found;
  std::copy_if(counts.begin(), counts.end(), std::back_inserter(found), [](const OpCount& count) {
    return count.operations > 0 && count.op != "all" && !count.exact;
  });
  return listed(found, count_name);
}

}  // namespace

std::string count_text(double count) {
  if (std::abs(count) >= 1000) return digits_of("%.0f", count);
  return digits_of(count == 0 || std::abs(count) >= 0.01 ? "%.2f" : "%.1g", count);
}

std::string count_name(const OpCount& count) {
  const std::string op = count.op == "all" ? "operation" : count.op;
  const bool vowel = op.find_first_of("aeiou") == 0;
  return count.name + (vowel ? " an " : " a ") + op;
}

std::string growth_words(const std::vector<OpCount>& counts) {
  return listed(grown_counts(counts), [](const OpCount& count) {
    return "+" + count_text(count.head - count.base) + " " + count_name(count) + " (" +
           count_text(count.base) + " to " + count_text(count.head) + ")";
  });
}

std::string change_words(const std::vector<OpCount>& counts) {
  if (std::none_of(counts.begin(), counts.end(), [](const OpCount& count) { return count.exact; })) return {};
  const std::string text = listed(changed(counts), [](const OpCount& count) {
    return count_name(count) + " " + count_text(count.base) + " to " + count_text(count.head);
  });
  return text.empty() ? "no change" : text;
}

std::string likely_cause(const GateReport& report, const reports::GateRow& row) {
  const ContestReport* contest = report.contest_of(row);
  const std::string grown = contest == nullptr ? "" : growth_words(contest->replayed);
  return grown.empty() ? "" : "likely cause: " + grown;
}

void apply_counts(GateReport& report) {
  for (const ContestReport& contest : report.contests) {
    const std::string& name = contest.contest.name;
    const std::string varies = inexact(contest.replayed);
    if (!varies.empty()) {
      std::string words = name;
      report.warnings.push_back(
          words.append(": counted twice with the same program, these differ: ").append(varies));
    }
    const std::string grown = growth_words(contest.replayed);
    if (grown.empty()) continue;
    std::string words = name;
    words.append(": ").append(grown).append(has_regressed(report, name)
                                                ? "; it got slower, and this is a likely cause"
                                                : "; no time was lost that could be shown");
    report.warnings.push_back(std::move(words));
  }
}

}  // namespace crosstalk::harness::gate
