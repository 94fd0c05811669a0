#include "harness/verify/verify_command.h"

#include <algorithm>
#include <array>

#include "harness/interrupt.h"
#include "harness/settings.h"
#include "harness/text_table.h"
#include "harness/values.h"
#include "harness/verify/catch_matrix.h"
#include "harness/verify/component.h"
#include "harness/verify/component_page.h"
#include "harness/verify/explored_case.h"
#include "harness/verify/replay.h"
#include "harness/verify/shrink.h"
#include "harness/verify/trial_of_cases.h"
#include "harness/verify/watch.h"
#include "workloads/nearest.h"

namespace crosstalk::harness::verify {

namespace {

constexpr std::array kVerifyFlags{
    Flag{
        .name = "tier",
        .value = "smoke|full|soak",
        .help =
            "2 s, 20 s or 5 min a component (default smoke); from full on its explored scenarios run too, for as long again"},
    Flag{.name = "seconds",
         .value = "S",
         .help = "time for each component, or specimen and seed, instead of the tier's"},
    Flag{.name = "seed", .value = "N", .help = "of the random choices (default 1)"},
    Flag{.name = "replay",
         .value = "STRING",
         .help = "what a failure printed: runs that case again from that round on"},
    Flag{.name = "self-test",
         .value = "",
         .help = "judge the verifier by known bugs and by what only looks wrong"},
    Flag{.name = "specimens",
         .value = "GLOB",
         .help = "with --self-test: names, or mutant, twin, decoy (default all)"},
    Flag{
        .name = "plain",
        .value = "",
        .help =
            "with --self-test: only what an ordinary stress test does, to compare with; nothing is expected"},
    Flag{.name = "seeds", .value = "N", .help = "with --self-test: how many (default 1)"},
    Flag{.name = "format", .value = "table|markdown|csv|json", .help = "of what is printed (default table)"},
};

constexpr std::array<std::string_view, 3> kTierWords{"smoke", "full", "soak"};
constexpr double kTierSeconds[] = {2, 20, 300};
constexpr std::uint64_t kTierThreads[] = {8, 64, 64};
constexpr double kShrinkSeconds = 3;

struct VerifyOptions {
  std::string pattern;
  double seconds = 0;
  std::uint64_t seed = 1;
  std::uint64_t threads_most = 8;
  bool explores = false;
  std::string replay;
  bool self_test = false;
  bool plain = false;
  std::string specimens = "*";
  std::uint64_t seeds = 1;
  Format format = Format::table;
};

VerifyOptions parse_verify(std::vector<std::string> arguments, const Environment& environment) {
  VerifyOptions options;
  if (!arguments.empty() && !arguments.front().starts_with("-")) {
    options.pattern = arguments.front();
    arguments.erase(arguments.begin());
  }
  Settings settings;
  read_arguments(settings, kVerifyFlags, arguments);
  read_environment(settings, std::span(kVerifyFlags).last(1), {}, environment);
  const auto whole = [](std::uint64_t low, std::uint64_t high) {
    return [low, high](std::string_view text) { return parse_whole(text, {low, high}); };
  };
  const std::size_t tier =
      settings.get<std::size_t>("tier", 0, [](std::string_view t) { return parse_word(t, kTierWords); });
  options.self_test = settings.on("self-test");
  options.seconds =
      settings.get<double>("seconds", options.self_test ? 10 : kTierSeconds[tier], [](std::string_view t) {
        return parse_real(t, {0.01, 1e6});
      });
  options.threads_most = kTierThreads[tier];
  options.explores = tier > 0;
  options.seed = settings.get<std::uint64_t>("seed", 1, whole(0, std::uint64_t{1} << 40));
  options.seeds = settings.get<std::uint64_t>("seeds", 1, whole(1, 10'000));
  options.replay = settings.text("replay", "");
  options.specimens = settings.text("specimens", "*");
  options.format = settings.get<Format>(
      "format", Format::table, [](std::string_view t) { return parse_choice<Format>(t, kFormatWords); });
  options.plain = settings.on("plain");
  if (!options.self_test) {
    for (const char* flag : {"seeds", "specimens", "plain"}) settings.needs(flag, "--self-test");
  }
  const int wishes =
      (options.pattern.empty() ? 0 : 1) + (options.replay.empty() ? 0 : 1) + (options.self_test ? 1 : 0);
  if (wishes != 1) throw UsageError("verify: one of NAME, --replay and --self-test must be given");
  return options;
}

std::vector<std::string> row_of(const Component& component, const ComponentOutcome& outcome) {
  const CaseOutcome* failed = outcome.failed();
  std::string detail;
  for (const CaseOutcome& one : outcome.cases) {
    if (failed == nullptr && !one.outcome.detail.empty())
      detail += (detail.empty() ? "" : "; ") + one.name + ": " + one.outcome.detail;
  }
  std::uint64_t operations = 0;
  std::uint64_t rounds = 0;
  for (const CaseOutcome& one : outcome.cases) {
    operations += one.outcome.operations_done;
    rounds += one.outcome.rounds;
  }
  return {component.name,
          word_of(outcome.verdict),
          failed == nullptr ? "" : failed->outcome.property,
          failed == nullptr ? detail : failed->outcome.detail,
          failed == nullptr ? "" : replay_of(component, *failed),
          std::to_string(operations),
          hundredths(outcome.seconds),
          std::to_string(rounds)};
}

int code_of(bool fail, bool open, const Interrupt& interrupt) {
  if (interrupt.signal() != 0) return 128 + interrupt.signal();
  return fail ? 3 : open ? 5 : 0;
}

// The control: a lock that excludes nobody. Whoever does not notice it has no business judging others.
bool notices_nothing(const std::atomic<bool>& stop) {
  for (const Specimen& specimen : all_specimens()) {
    if (specimen.name != "M00" || specimen.kind != SpecimenKind::mutant) continue;
    return run_cases(specimen.cases, {.seconds = 1, .seed = 1}, &stop).failed() == nullptr;
  }
  return true;
}

ComponentOutcome judged(const Component& component, const CaseOptions& options, const Interrupt& interrupt) {
  ComponentOutcome outcome = run_cases(component.cases, options, &interrupt.stop());
  if (const CaseOutcome* failed = outcome.failed(); failed != nullptr) {
    const auto which = static_cast<std::size_t>(failed - outcome.cases.data());
    outcome.cases[which] = shrink(component.cases[which], *failed, kShrinkSeconds, &interrupt.stop());
  }
  return outcome;
}

// Built-ins and peers are what there are scenarios of.
void explore_too(ComponentOutcome& outcome, const Component& component, const VerifyOptions& options,
                 const Interrupt& interrupt) {
  if (component.plugged_in) return;
  add_explored_case(outcome,
                    {.component = component.name,
                     .seconds = options.seconds,
                     .seed = options.seed,
                     .programs = explorer_programs()},
                    interrupt.stop());
}

int verify_components(const std::vector<Component>& chosen, const VerifyOptions& options, Streams streams) {
  const Interrupt interrupt;
  if (notices_nothing(interrupt.stop())) {
    streams.err << "crosstalk: verify: did not notice a lock that excludes nobody, so nothing is judged\n";
    return code_of(false, true, interrupt);
  }
  const CaseOptions base{
      .seconds = options.seconds, .seed = options.seed, .threads_most = options.threads_most};
  TextTable table;
  table.columns = {{"component"}, {"verdict"},          {"property"},      {"detail"},
                   {"replay"},    {"operations", true}, {"seconds", true}, {"rounds", true}};
  bool fail = false;
  bool open = false;
  for (const Component& component : chosen) {
    // relaxed: a hint.
    if (interrupt.stop().load(std::memory_order_relaxed)) break;
    if (component.cases.empty()) {
      streams.err << component.name << ": not judged: " << component.why_none << '\n';
      continue;
    }
    ComponentOutcome outcome = judged(component, base, interrupt);
    if (options.explores && outcome.failed() == nullptr) explore_too(outcome, component, options, interrupt);
    fail = fail || outcome.verdict == Verdict::fail;
    open = open || outcome.verdict == Verdict::inconclusive;
    if (options.format == Format::table) {
      streams.out << component_page(component, outcome) << std::flush;
    }
    table.rows.push_back(row_of(component, outcome));
  }
  if (options.format != Format::table) print_table(streams.out, table, options.format);
  streams.err << "seed " << options.seed << '\n';
  return code_of(fail, open, interrupt);
}

int replay(const std::vector<Component>& all, const VerifyOptions& options, Streams streams) {
  Replay what;
  try {
    what = parse_replay(options.replay);
  } catch (const ValueError& error) {
    throw UsageError(std::string("--replay: ") + error.what());
  }
  const auto component =
      std::find_if(all.begin(), all.end(), [&](const Component& c) { return c.name == what.component; });
  if (component == all.end()) throw UsageError("--replay: there is no component " + shown(what.component));
  Component narrowed = *component;
  std::erase_if(narrowed.cases, [&](const VerifyCase& one) { return one.name != what.one_case; });
  if (narrowed.cases.empty())
    throw UsageError("--replay: " + what.component + " has no case " + shown(what.one_case));
  const Interrupt interrupt;
  const CaseOptions base{.seconds = options.seconds,
                         .seed = what.seed,
                         .first_round = what.round,
                         .threads = what.threads,
                         .operations = what.operations,
                         // The failing run may have been of a tier with more threads than this one has.
                         .threads_most = std::max(options.threads_most, what.threads)};
  const ComponentOutcome outcome = run_cases(narrowed.cases, base, &interrupt.stop());
  for (const CaseOutcome& one : outcome.cases) {
    if (one.outcome.refused) throw UsageError("--replay: " + one.outcome.detail);
  }
  streams.out << replay_page(narrowed, outcome, what);
  return code_of(outcome.verdict == Verdict::fail, outcome.verdict == Verdict::inconclusive, interrupt);
}

int self_test(const VerifyOptions& options, Streams streams) {
  const Interrupt interrupt;
  const std::vector<SelfTestRow> rows = run_self_test(
      {.seconds = options.seconds,
       .seeds = options.seeds,
       .first_seed = options.seed,
       .pattern = options.specimens,
       .plain = options.plain},
      &interrupt.stop(), [&](const SelfTestRow& row) {
        streams.err << row.specimen << ' ' << kind_word(row.kind) << ": " << row.caught << " of " << row.seeds
                    << (options.plain || as_expected(row) ? "" : "  <-- not as expected") << '\n';
      });
  TextTable table;
  table.columns = {
      {"specimen"},      {"kind"},        {"caught", true},         {"property"},           {"layer"},
      {"seconds", true}, {"seeds", true}, {"wrong_property", true}, {"seconds_most", true}, {"note"}};
  bool missed = rows.empty();
  for (const SelfTestRow& row : rows) {
    missed = missed || (!options.plain && !as_expected(row));
    const auto known = [&](double value) { return row.caught == 0 ? std::string() : hundredths(value); };
    table.rows.push_back({row.specimen, kind_word(row.kind), std::to_string(row.caught), row.property,
                          row.layer, known(row.seconds_median), std::to_string(row.seeds),
                          std::to_string(row.wrong), known(row.seconds_most), row.note});
  }
  print_table(streams.out, table, options.format);
  return code_of(missed, false, interrupt);
}

}  // namespace

int verify_command(const Catalog& catalog, const std::vector<std::string>& arguments,
                   const Environment& environment, Streams streams) {
  const VerifyOptions options = parse_verify(arguments, environment);
  if (options.self_test) return self_test(options, streams);
  const std::vector<Component> all = components_of(catalog);
  if (!options.replay.empty()) return replay(all, options, streams);
  const std::vector<Component> chosen = chosen_components(all, options.pattern);
  if (chosen.empty()) {
    std::vector<std::string> names;
    for (const Component& one : all) names.push_back(one.name);
    throw UsageError("verify: nothing is named " + shown(options.pattern) +
                     workloads::did_you_mean(options.pattern, names));
  }
  return verify_components(chosen, options, streams);
}

std::string verify_help() {
  return "usage: crosstalk verify NAME|GLOB [flags]\n       crosstalk verify --self-test [flags]\n\n" +
         wrapped(
             "Tries to break the contract of locks, cells, containers and pools, built in or plugged in, each case in a "
             "process of its own. PASS says what was exercised; it is no proof. Exit codes: 0 pass, 3 a contract is "
             "broken, 5 inconclusive.",
             0) +
         "\n\n" + describe_flags(kVerifyFlags);
}

}  // namespace crosstalk::harness::verify
