#include "harness/recorded_comparison.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "harness/limits.h"
#include "harness/settings.h"
#include "harness/values.h"
#include "reports/binomial.h"
#include "reports/paired.h"

namespace crosstalk::harness {

namespace {

using reports::BlockField;
using reports::Contender;
using reports::Duel;
using reports::Outcome;

constexpr double kSeriesConfidence = 0.95;

constexpr std::array kRecordedFlags{
    Flag{.name = "from", .value = "DIR", .help = "judge the blocks of this results folder; measure nothing"},
    Flag{.name = "split",
         .value = "N",
         .help = "cut them into tournaments of N blocks and count what each of those finds"},
    Flag{.name = "format", .value = "table|markdown|csv|json", .help = "of what is printed (default table)"},
};

bool apart(const Duel& duel) {
  return duel.outcome == Outcome::better || duel.outcome == Outcome::worse;
}

std::string share_percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %%", 100 * share);
  return text;
}

std::string ratio_text(double ratio) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", ratio);
  return text;
}

std::string name_of(const BlockField& field) {
  return field.load + ", " + field.metric;
}

const Duel& duel_with(const reports::Tournament& tournament, std::size_t contender) {
  return *std::find_if(tournament.duels.begin(), tournament.duels.end(),
                       [&](const Duel& duel) { return duel.other == contender; });
}

// "12 of 200 (6.0 %, 3.1 % to 10.2 %)"
std::string share_text(std::uint64_t part, std::uint64_t whole) {
  const reports::Span span = reports::clopper_pearson(part, whole, kSeriesConfidence);
  const double share = whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
  return std::to_string(part) + " of " + std::to_string(whole) + " (" + share_percent(share) + ", " +
         share_percent(span.low) + " to " + share_percent(span.high) + ")";
}

std::string sentence(const BlockField& field, const JudgedSeries& judged) {
  const std::string begin = name_of(field) + ": ";
  if (judged.lines.empty()) return begin + "fewer than two strategies, nothing to compare";
  const Series& series = judged.series;
  if (series.tournaments == 0) return begin + "fewer blocks than one tournament is to have";
  if (series.tournaments == 1)
    return begin + "one tournament of " + std::to_string(series.blocks) + " blocks";
  return begin + std::to_string(series.tournaments) + " tournaments of " + std::to_string(series.blocks) +
         " blocks; told their winner from somebody: " + share_text(series.told_apart, series.tournaments);
}

TextTable series_table(const BlockField& field, const JudgedSeries& judged) {
  TextTable table;
  table.columns = {{"against " + judged.leader, false},
                   {field.metric + ", over all", true},
                   {"told apart", false},
                   {"wrong", true},
                   {"detectable", true}};
  for (const SeriesLine& line : judged.lines) {
    std::string ratio = ratio_text(1 / line.whole.ratio);
    if (line.whole.interval)
      ratio +=
          " " + ratio_text(1 / line.whole.interval->high) + "-" + ratio_text(1 / line.whole.interval->low);
    const bool one = judged.series.tournaments == 1;
    table.rows.push_back({line.strategy, ratio,
                          one ? (line.found + line.wrong > 0 ? "yes" : "no")
                              : share_text(line.found, judged.series.tournaments),
                          std::to_string(line.wrong),
                          line.detectable > 0 ? share_percent(std::expm1(line.detectable)) : ""});
  }
  return table;
}

void add_for_programs(TextTable& table, const BlockField& field, const JudgedSeries& judged) {
  const auto number = [](double value) { return format_real(value); };
  for (const SeriesLine& line : judged.lines) {
    const Duel& whole = line.whole;
    table.rows.push_back({field.run_id, field.load, field.metric, judged.leader, line.strategy,
                          number(1 / whole.ratio), whole.interval ? number(1 / whole.interval->high) : "",
                          whole.interval ? number(1 / whole.interval->low) : "", number(whole.p_holm),
                          std::to_string(whole.blocks), std::to_string(judged.series.blocks),
                          std::to_string(judged.series.tournaments), std::to_string(judged.series.told_apart),
                          std::to_string(line.found), std::to_string(line.wrong),
                          line.detectable > 0 ? number(100 * std::expm1(line.detectable)) : ""});
  }
}

TextTable empty_table_for_programs() {
  TextTable table;
  for (const char* text : {"run_id", "load", "metric", "leader", "strategy"})
    table.columns.push_back({text, false});
  for (const char* number :
       {"ratio", "ratio_low", "ratio_high", "p_holm", "blocks", "tournament_blocks", "tournaments",
        "tournaments_with_a_difference", "told_apart", "told_apart_wrongly", "mde_pct"})
    table.columns.push_back({number, true});
  return table;
}

// One tournament more.
void count(JudgedSeries& judged, const std::vector<Contender>& part, std::size_t leader,
           std::vector<std::vector<double>>& detectable, const reports::Rules& rules) {
  const reports::Tournament own = reports::judge(part, rules);
  ++judged.series.tournaments;
  if (std::any_of(own.duels.begin(), own.duels.end(), apart)) ++judged.series.told_apart;
  const reports::Tournament against = reports::judge_against(leader, part, rules);
  std::size_t place = 0;
  for (SeriesLine& line : judged.lines) {
    const Duel& duel = duel_with(against, line.whole.other);
    if (apart(duel)) ++((duel.ratio > 1) == (line.whole.ratio > 1) ? line.found : line.wrong);
    if (duel.detectable) detectable[place].push_back(*duel.detectable);
    ++place;
  }
}

}  // namespace

bool compares_recorded(const std::vector<std::string>& arguments) {
  return std::any_of(arguments.begin(), arguments.end(), [](const std::string& argument) {
    return argument == "--from" || argument.starts_with("--from=");
  });
}

RecordedOptions parse_recorded(const std::vector<std::string>& arguments) {
  Settings settings;
  read_arguments(settings, kRecordedFlags, arguments);
  RecordedOptions options;
  options.folder = settings.text("from", "");
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(options.folder / "blocks.csv", ignored))
    throw UsageError("--from: no blocks.csv in " + shown(options.folder.string()) +
                     ", which a folder of crosstalk compare has");
  if (settings.has("split")) {
    options.split = settings.get<std::uint64_t>(
        "split", 0, [](std::string_view text) { return parse_whole(text, kRepetitionsBounds); });
  }
  options.format = settings.get<Format>(
      "format", Format::table, [](std::string_view t) { return parse_choice<Format>(t, kFormatWords); });
  return options;
}

JudgedSeries judge_series(const BlockField& field, std::uint64_t split) {
  JudgedSeries judged;
  judged.series.blocks = split;
  if (field.contenders.size() < 2) return judged;
  const reports::Rules rules{.better = field.better};
  const reports::Tournament whole = reports::judge(field.contenders, rules);
  const std::size_t leader = whole.ranking.front();
  judged.leader = field.contenders[leader].name;
  for (const Duel& duel : whole.duels)
    judged.lines.push_back({.strategy = field.contenders[duel.other].name, .whole = duel});
  std::vector<std::vector<double>> detectable(judged.lines.size());
  for (const auto& part : reports::cut(field, split)) count(judged, part, leader, detectable, rules);
  for (std::size_t i = 0; i < detectable.size(); ++i) {
    if (!detectable[i].empty()) judged.lines[i].detectable = reports::median(detectable[i]);
  }
  return judged;
}

int compare_recorded(const RecordedOptions& options, Streams streams) {
  const auto fields = reports::fields_of(reports::read_block_values(options.folder / "blocks.csv"));
  const bool for_people = options.format == Format::table || options.format == Format::markdown;
  std::ostream& sentences = for_people ? streams.out : streams.err;
  TextTable all = empty_table_for_programs();
  for (const BlockField& field : fields) {
    std::uint64_t blocks = options.split.value_or(0);
    for (const Contender& each : field.contenders) {
      if (!options.split) blocks = std::max<std::uint64_t>(blocks, each.values.size());
    }
    const JudgedSeries judged = judge_series(field, std::max<std::uint64_t>(blocks, 1));
    sentences << wrapped(sentence(field, judged), 2) << '\n';
    add_for_programs(all, field, judged);
    if (!for_people || judged.lines.empty()) continue;
    streams.out << '\n';
    print_table(streams.out, series_table(field, judged), options.format);
    streams.out << '\n';
  }
  if (!for_people) print_table(streams.out, all, options.format);
  streams.out.flush();
  return 0;
}

std::string recorded_help() {
  return describe_flags(kRecordedFlags);
}

}  // namespace crosstalk::harness
