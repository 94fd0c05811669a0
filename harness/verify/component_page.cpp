#include "harness/verify/component_page.h"

#include <array>
#include <cstdio>
#include <sstream>

#include "harness/flags.h"
#include "harness/text_table.h"

namespace crosstalk::harness::verify {

namespace {

// The lines of the trace, with a margin.
std::string indented(const std::string& lines) {
  std::string text;
  bool begins = true;
  for (const char c : lines) {
    if (begins) text += "    ";
    text += c;
    begins = c == '\n';
  }
  return text;
}

TextTable exercised(const ComponentOutcome& outcome) {
  TextTable table;
  table.columns = {{"case"}, {"operation"}, {"times", true}};
  for (const CaseOutcome& one : outcome.cases) {
    table.rows.push_back({one.name, "rounds", std::to_string(one.outcome.rounds)});
    for (const CellCount& cell : one.outcome.cells) {
      if (cell.count != 0 || !cell.optional)
        table.rows.push_back({one.name, cell.name, std::to_string(cell.count)});
    }
  }
  return table;
}

}  // namespace

std::string hundredths(double seconds) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.2f", seconds);
  return text.data();
}

const char* word_of(Verdict verdict) {
  return verdict == Verdict::pass ? "PASS" : verdict == Verdict::fail ? "FAIL" : "INCONCLUSIVE";
}

std::string replay_of(const Component& component, const CaseOutcome& failed) {
  if (!failed.outcome.replay.empty()) return failed.outcome.replay;
  // The seed alone would not do: how many threads it chose depends on the tier, too.
  const std::uint64_t threads = failed.options.threads != 0  ? failed.options.threads
                                : failed.outcome.threads > 1 ? failed.outcome.threads
                                                             : 0;
  return replay_text({.component = component.name,
                      .one_case = failed.name,
                      .seed = failed.options.seed,
                      .round = failed.outcome.round,
                      .threads = threads,
                      .operations = failed.options.operations});
}

std::string failure_page(const Component& component, const CaseOutcome& failed) {
  const CaseEnd& outcome = failed.outcome;
  std::string text = "FAIL " + component.name + ": " + outcome.property + "\n" +
                     wrapped("  " + outcome.detail, 2) + "\n" +
                     wrapped("  contract: " + component.promises, 4) + "\n  case: " + failed.name + ", ";
  const bool explored = !outcome.replay.empty();
  if (!explored)
    text +=
        "round " + std::to_string(outcome.round) + " of seed " + std::to_string(failed.options.seed) + ", ";
  if (outcome.threads > 1) text += std::to_string(outcome.threads) + " threads, ";
  text += "after " + hundredths(outcome.seconds) +
          " s\n  replay: " + (explored ? "" : "crosstalk verify --replay ") + replay_of(component, failed) +
          "\n";
  if (outcome.trace.empty()) return text;
  text += explored ? "  what each thread did, in the order in which it happened:\n"
                   : "  what happened last (processor ticks; operation(key, argument) = result):\n";
  return text + indented(outcome.trace);
}

std::string component_page(const Component& component, const ComponentOutcome& outcome) {
  if (const CaseOutcome* failed = outcome.failed(); failed != nullptr)
    return failure_page(component, *failed);
  std::ostringstream out;
  out << word_of(outcome.verdict) << ' ' << component.name << " (" << component.promises << ", "
      << hundredths(outcome.seconds) << " s)\n";
  for (const CaseOutcome& one : outcome.cases) {
    if (!one.outcome.detail.empty()) out << "  " << one.name << ": " << one.outcome.detail << '\n';
  }
  print_table(out, exercised(outcome), Format::table);
  out << "  not covered: orders that need more preemptions than the disturbances made, memory orders weaker\n"
         "  than this processor's, errors of the system that were not injected\n";
  return out.str();
}

std::string replay_page(const Component& component, const ComponentOutcome& outcome, const Replay& replay) {
  if (const CaseOutcome* failed = outcome.failed(); failed != nullptr)
    return failure_page(component, *failed);
  std::uint64_t rounds = 0;
  std::string why;
  for (const CaseOutcome& one : outcome.cases) {
    rounds += one.outcome.rounds;
    if (!one.outcome.complete) why = one.outcome.detail;
  }
  const std::string what = component.name + ", case " + replay.one_case + ", from round " +
                           std::to_string(replay.round) + " of seed " + std::to_string(replay.seed) + ": ";
  if (!why.empty()) return wrapped(what + why, 2) + "\n";
  return wrapped(
             what + "the failure was not met again in " + std::to_string(rounds) + " rounds and " +
                 hundredths(outcome.seconds) +
                 " s. Threads are not under control, so that is no proof that it is gone; --seconds gives "
                 "it more time.",
             2) +
         "\n";
}

}  // namespace crosstalk::harness::verify
