#include "harness/verify/catch_matrix.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "harness/glob.h"
#include "harness/verify/trial_of_cases.h"

namespace crosstalk::harness::verify {

namespace {

bool names_it(const Specimen& specimen, const std::string& property) {
  return std::find(specimen.properties.begin(), specimen.properties.end(), property) !=
         specimen.properties.end();
}

// Cases that anybody would write; the others know beforehand where it hurts.
std::vector<VerifyCase> plain_cases(const Specimen& specimen) {
  constexpr std::array<std::string_view, 10> kPlain{"stress", "hot keys", "growth",     "one winner",
                                                    "sizes",  "mixed",    "increments", "delivery",
                                                    "turns",  "transfers"};
  std::vector<VerifyCase> plain;
  for (const VerifyCase& one : specimen.cases) {
    if (std::find(kPlain.begin(), kPlain.end(), one.name) != kPlain.end()) plain.push_back(one);
  }
  return plain;
}

SelfTestRow row_of(const Specimen& specimen) {
  SelfTestRow row;
  row.specimen = specimen.name;
  row.kind = specimen.kind;
  row.layer = specimen.layer;
  row.note = specimen.why_not.empty() ? specimen.bug : specimen.bug + "; " + specimen.why_not;
  row.expected = specimen.why_not.empty();
  return row;
}

SelfTestRow try_specimen(const Specimen& specimen, const SelfTestOptions& options,
                         const std::atomic<bool>* stop) {
  SelfTestRow row = row_of(specimen);
  std::vector<double> seconds;
  const std::vector<VerifyCase> cases = options.plain ? plain_cases(specimen) : specimen.cases;
  if (options.plain) row.layer = "plain stress";
  for (std::uint64_t seed = options.first_seed; seed < options.first_seed + options.seeds; ++seed) {
    // relaxed: a hint.
    if (stop != nullptr && stop->load(std::memory_order_relaxed)) break;
    const ComponentOutcome outcome =
        run_cases(cases, {.seconds = options.seconds, .seed = seed, .disturb = !options.plain}, stop);
    ++row.seeds;
    const CaseOutcome* failed = outcome.failed();
    if (failed == nullptr) continue;
    row.property = failed->outcome.property;
    if (specimen.kind == SpecimenKind::mutant && !options.plain && !names_it(specimen, row.property)) {
      ++row.wrong;
      continue;
    }
    ++row.caught;
    seconds.push_back(outcome.seconds);
  }
  std::sort(seconds.begin(), seconds.end());
  if (!seconds.empty()) {
    row.seconds_median = seconds[seconds.size() / 2];
    row.seconds_most = seconds.back();
  }
  return row;
}

}  // namespace

std::string kind_word(SpecimenKind kind) {
  switch (kind) {
    case SpecimenKind::mutant:
      return "mutant";
    case SpecimenKind::twin:
      return "twin";
    default:
      return "decoy";
  }
}

bool as_expected(const SelfTestRow& row) {
  if (row.kind != SpecimenKind::mutant) return row.caught == 0;
  return !row.expected || row.caught + row.seeds / 20 >= row.seeds;
}

std::vector<SelfTestRow> run_self_test(const SelfTestOptions& options, const std::atomic<bool>* stop,
                                       const std::function<void(const SelfTestRow&)>& progress) {
  std::vector<SelfTestRow> rows;
  for (const Specimen& specimen : all_specimens()) {
    if (!glob_matches(options.pattern, specimen.name) &&
        !glob_matches(options.pattern, kind_word(specimen.kind)))
      continue;
    // relaxed: a hint.
    if (stop != nullptr && stop->load(std::memory_order_relaxed)) break;
    rows.push_back(try_specimen(specimen, options, stop));
    progress(rows.back());
  }
  return rows;
}

}  // namespace crosstalk::harness::verify
