#include "harness/tournament_view.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>

#include "harness/display.h"
#include "harness/flags.h"
#include "harness/values.h"
#include "reports/paired.h"

namespace crosstalk::harness {

namespace {

using reports::Duel;
using reports::Outcome;

// A mean that lies so far below the median slice, beyond what the leader's does, is worth a remark.
constexpr double kStall = 0.1;

std::string fixed(double value, int decimals) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}
std::string factor(double ratio) {
  return fixed(ratio, 3) + " x";
}
// "4.2 %" of a log-ratio
std::string per_cent(double log_ratio) {
  const double pct = 100 * std::expm1(log_ratio);
  return fixed(pct, pct < 9.95 ? 1 : 0) + " %";
}

std::string_view spoken(Figure figure) {
  constexpr std::string_view kWords[] = {"throughput", "p99 response", "processor time per operation"};
  return kWords[static_cast<std::size_t>(figure)];
}

reports::Better better(Figure figure) {
  return figure == Figure::throughput ? reports::Better::larger : reports::Better::smaller;
}

bool told_apart(const Duel& duel) {
  return duel.outcome == Outcome::better || duel.outcome == Outcome::worse;
}

Outcome of_other(Outcome of_leader) {
  if (of_leader == Outcome::better) return Outcome::worse;
  return of_leader == Outcome::worse ? Outcome::better : of_leader;
}

const FieldLine& line_of(const JudgedField& field, const JudgedFigure& figure, std::size_t contender) {
  return field.field->lines()[figure.lines[contender]];
}
const FieldLine& leader_of(const JudgedField& field, const JudgedFigure& figure) {
  return line_of(field, figure, figure.tournament.ranking.front());
}

const JudgedFigure* find(const JudgedField& field, Figure figure) {
  const auto found = std::find_if(field.figures.begin(), field.figures.end(),
                                  [&](const JudgedFigure& each) { return each.figure == figure; });
  return found == field.figures.end() ? nullptr : &*found;
}
const Duel* duel_of(const JudgedField& field, Figure figure, const FieldLine& line) {
  const JudgedFigure* judged = find(field, figure);
  if (judged == nullptr) return nullptr;
  for (const Duel& duel : judged->tournament.duels) {
    if (&line_of(field, *judged, duel.other) == &line) return &duel;
  }
  return nullptr;
}

// The figures that a table of this load has.
std::vector<Figure> figures_of(const JudgedField& field) {
  std::vector<Figure> figures;
  for (const Figure figure : {Figure::throughput, Figure::response_p99, Figure::cpu_per_op}) {
    const auto& lines = field.field->lines();
    const bool any = std::any_of(lines.begin(), lines.end(), [&](const FieldLine& line) {
      return line.typical(figure, field.field->by_slices()).has_value();
    });
    if (any && (figure != Figure::throughput || field.field->closed())) figures.push_back(figure);
  }
  return figures;
}

std::string shown(Figure figure, std::optional<double> value) {
  if (!value) return "";
  return figure == Figure::throughput ? display_rate(*value) : display_ns(*value);
}

// The other's figure over the leader's: "0.93 0.91-0.95", with "~" before what is not told apart.
std::string ratio_cell(const Duel& duel) {
  const double ratio = 1 / duel.ratio;
  const std::string mark = told_apart(duel) ? "" : "~";
  if (!duel.interval) return mark + fixed(ratio, 2);
  const double low = 1 / duel.interval->high;
  const double high = 1 / duel.interval->low;
  // Three such cells have to stand beside the longest name in 80 columns.
  const int decimals = ratio >= 99.5 ? 0 : ratio >= 9.95 ? 1 : high - low < 0.02 ? 3 : 2;
  return mark + fixed(ratio, decimals) + " " + fixed(low, decimals) + "-" + fixed(high, decimals);
}

// The leader first, then by rank, then who takes no part, then null rows.
std::vector<const FieldLine*> ordered(const JudgedField& field) {
  std::vector<const FieldLine*> order;
  if (!field.figures.empty()) {
    const JudgedFigure& first = field.figures.front();
    for (const std::size_t contender : first.tournament.ranking)
      order.push_back(&line_of(field, first, contender));
  }
  for (const bool floor : {false, true}) {
    for (const FieldLine& line : field.field->lines()) {
      if (line.floor == floor && std::find(order.begin(), order.end(), &line) == order.end())
        order.push_back(&line);
    }
  }
  return order;
}

// "28 of 31 sound" where some trials are not.
std::string soundness(const FieldLine& line) {
  const std::size_t sound = line.sound_trials();
  if (sound == line.trials.size()) return "";
  return std::to_string(sound) + " of " + std::to_string(line.trials.size()) + " sound";
}

// How much of the throughput of its typical slice a line keeps over the whole trial.
double kept(const FieldLine& line) {
  std::vector<double> shares;
  for (const FieldTrial& trial : line.trials) {
    if (trial.sound() && trial.slice_ns > 0 && trial.typical_ops_s > 0)
      shares.push_back(trial.mean_ops_s / trial.typical_ops_s);
  }
  return shares.empty() ? 1 : reports::median(shares);
}

std::string slices_of(const LoadField& field) {
  std::uint64_t shortest = 0, longest = 0;
  for (const FieldLine& line : field.lines()) {
    for (const FieldTrial& trial : line.trials) {
      if (!trial.sound()) continue;
      shortest = shortest == 0 ? trial.slice_ns : std::min(shortest, trial.slice_ns);
      longest = std::max(longest, trial.slice_ns);
    }
  }
  if (!field.by_slices() || longest == 0) return "mean of the trial";
  std::string text = "median of " + format_duration(shortest);
  if (longest > shortest) text += " to " + format_duration(longest);
  return text + " slices";
}

std::string value_text(const LoadField& field, Figure figure) {
  if (figure == Figure::throughput) return slices_of(field);
  if (figure == Figure::response_p99) return "99 % of the trial's responses";
  return "processor time of the trial over its operations";
}

std::string unresolved(const JudgedField& field, const JudgedFigure& figure) {
  if (figure.tournament.blocks < figure.tournament.blocks_needed) return "";  // the answer says so
  std::string names;
  for (const Duel& duel : figure.tournament.duels) {
    if (told_apart(duel)) continue;
    names += (names.empty() ? "" : ", ") + line_of(field, figure, duel.other).strategy;
    names += duel.detectable ? " (" + per_cent(*duel.detectable) + ")" : " (too few blocks)";
  }
  if (names.empty()) return "";
  return "Not told apart from " + leader_of(field, figure).strategy + " by " +
         std::string(spoken(figure.figure)) + ": " + names + ".";
}

std::string lead_text(const JudgedField& field, const JudgedFigure& figure) {
  const Duel& duel = figure.tournament.duels.front();
  std::string text = factor(duel.ratio) + " that of " + line_of(field, figure, duel.other).strategy;
  if (duel.interval) {
    text += " (95 % interval " + factor(duel.interval->low) + " to " + factor(duel.interval->high) + ", " +
            std::to_string(figure.tournament.blocks) + " blocks)";
  }
  return text;
}

}  // namespace

JudgedField judged(const LoadField& field, Look look) {
  return {.field = &field, .look = look, .figures = field.judge(look)};
}

std::string answer(const JudgedField& field) {
  if (field.figures.empty()) return "";
  const JudgedFigure& figure = field.figures.front();
  const reports::Tournament& result = figure.tournament;
  const std::string& leader = leader_of(field, figure).strategy;
  const std::string metric(spoken(figure.figure));
  const std::string begin = field.field->name() + ": ";
  const std::string lead = lead_text(field, figure);
  if (result.blocks < result.blocks_needed) {
    return begin + "best " + metric + ": " + leader + ", " + lead + "; not judged, which takes at least " +
           std::to_string(result.blocks_needed) + " blocks, got " + std::to_string(result.blocks);
  }
  if (result.resolved) return begin + "winner by " + metric + ": " + leader + ", " + lead;
  std::string tied;
  double widest = 0;
  for (const std::size_t i : result.tied)
    tied += (tied.empty() ? "" : ", ") + line_of(field, figure, i).strategy;
  for (const Duel& duel : result.duels) {
    if (!told_apart(duel)) widest = std::max(widest, duel.detectable.value_or(0));
  }
  return begin + "no difference resolved by " + metric + " between " + tied + "; foremost " + leader + ", " +
         lead + "; a difference of " + per_cent(widest) + " would have been seen";
}

TextTable view(const JudgedField& field) {
  TextTable table;
  table.columns = {{"strategy", false}};
  const std::vector<Figure> figures = figures_of(field);
  for (const Figure figure : figures) {
    constexpr std::string_view kHeads[] = {"ops/s", "p99", "CPU/op"};
    table.columns.push_back({std::string(kHeads[static_cast<std::size_t>(figure)]), true});
  }
  const FieldLine* leader = field.figures.empty() ? nullptr : &leader_of(field, field.figures.front());
  for (const FieldLine* line : ordered(field)) {
    std::vector<std::string> values{line->strategy + (line->floor ? " (floor)" : "")};
    std::vector<std::string> ratios{soundness(*line)};
    const bool out = leader != nullptr && !line->floor && !field.field->why_out(*line).empty();
    for (const Figure figure : figures) {
      values.push_back(shown(figure, line->typical(figure, field.field->by_slices())));
      const Duel* duel = duel_of(field, figure, *line);
      ratios.push_back(duel != nullptr  ? ratio_cell(*duel)
                       : line == leader ? "leader"
                       : out            ? "left out"
                                        : "");
    }
    table.rows.push_back(std::move(values));
    const bool any =
        std::any_of(ratios.begin(), ratios.end(), [](const std::string& cell) { return !cell.empty(); });
    if (any) table.rows.push_back(std::move(ratios));
  }
  return table;
}

std::vector<std::string> remarks(const JudgedField& field) {
  std::vector<std::string> result;
  for (const JudgedFigure& figure : field.figures) {
    std::string text = unresolved(field, figure);
    if (!text.empty()) result.push_back(std::move(text));
  }
  if (!result.empty())
    result.emplace_back("(In brackets: the smallest difference that four of five such tournaments find.)");
  for (const FieldLine& line : field.field->lines()) {
    const std::string why = line.floor ? "" : field.field->why_out(line);
    if (!why.empty()) result.push_back("Left out: " + line.strategy + ": " + why);
  }
  if (field.figures.empty() || !field.field->closed() || !field.field->by_slices()) return result;
  const double leader = kept(leader_of(field, field.figures.front()));
  for (const FieldLine* line : ordered(field)) {
    if (line->floor || kept(*line) >= std::min(leader, 1.0) - kStall) continue;
    result.push_back(line->strategy + " stalls: over whole trials it keeps " + fixed(100 * kept(*line), 0) +
                     " % of the throughput of its median slice, the leader " + fixed(100 * leader, 0) +
                     " %.");
  }
  return result;
}

std::string legend(const JudgedField& field) {
  const bool closed = field.field->closed();
  std::string text = closed ? "ops/s: " + slices_of(*field.field) + ", p99" : "p99";
  text +=
      ": over a trial, medians over blocks; below them the ratio to the leader with its 95 % interval, ~ where "
      "they are not told apart (signed-rank test over blocks, Holm over all pairs, level 0.5 % of the field";
  if (field.look.number > 1) text += ", " + std::to_string(field.look.number) + " looks share the error";
  return text + ").";
}

void print_tournament(const std::vector<JudgedField>& fields, Format format, Streams streams) {
  const bool for_people = format == Format::table || format == Format::markdown;
  std::ostream& sentences = for_people ? streams.out : streams.err;
  for (const JudgedField& field : fields) {
    const std::string text = answer(field);
    if (!text.empty()) sentences << wrapped(text, 2) << '\n';
  }
  if (!for_people) {
    print_table(streams.out, table_for_programs(fields), format);
    streams.out.flush();
    return;
  }
  for (const JudgedField& field : fields) {
    streams.out << '\n' << field.field->name() << "\n\n";
    print_table(streams.out, view(field), format);
    streams.out << '\n' << wrapped(legend(field), 2) << '\n';
    for (const std::string& remark : remarks(field)) streams.out << wrapped(remark, 2) << '\n';
  }
  streams.out.flush();
}

TextTable table_for_programs(const std::vector<JudgedField>& fields) {
  TextTable table;
  table.columns = {{"load", false}, {"strategy", false}, {"role", false}, {"trials", true}, {"sound", true}};
  for (const char* column : {"", "_ratio", "_low", "_high", "_p_holm", "_mde_pct", "_verdict"}) {
    for (const Figure figure : {Figure::throughput, Figure::response_p99, Figure::cpu_per_op}) {
      table.columns.push_back(
          {std::string(to_string(figure)) + column, std::string_view(column) != "_verdict"});
    }
  }
  table.columns.push_back({"left_out", false});
  const auto number = [](std::optional<double> value) { return value ? format_real(*value) : std::string(); };
  for (const JudgedField& field : fields) {
    for (const FieldLine* line : ordered(field)) {
      std::vector<std::string> row{field.field->name(), line->strategy, line->floor ? "floor" : "",
                                   std::to_string(line->trials.size()), std::to_string(line->sound_trials())};
      std::vector<std::vector<std::string>> cells;
      for (const Figure figure : {Figure::throughput, Figure::response_p99, Figure::cpu_per_op}) {
        std::vector<std::string> each{number(line->typical(figure, field.field->by_slices()))};
        each.resize(7);
        if (const Duel* duel = duel_of(field, figure, *line)) {
          each[1] = number(1 / duel->ratio);
          if (duel->interval) each[2] = number(1 / duel->interval->high);
          if (duel->interval) each[3] = number(1 / duel->interval->low);
          each[4] = number(duel->p_holm);
          if (duel->detectable) each[5] = number(100 * std::expm1(*duel->detectable));
          each[6] = reports::to_string(of_other(duel->outcome));
        }
        cells.push_back(std::move(each));
      }
      for (std::size_t column = 0; column < 7; ++column) {
        for (const auto& each : cells) row.push_back(each[column]);
      }
      row.push_back(line->floor ? "" : field.field->why_out(*line));
      table.rows.push_back(std::move(row));
    }
  }
  return table;
}

std::vector<reports::ComparisonRow> comparison_rows(const JudgedField& field) {
  std::vector<reports::ComparisonRow> rows;
  const bool by_slices = field.field->by_slices();
  for (const JudgedFigure& figure : field.figures) {
    const FieldLine& leader = leader_of(field, figure);
    for (const Duel& duel : figure.tournament.duels) {
      const FieldLine& other = line_of(field, figure, duel.other);
      reports::ComparisonRow row;
      row.run_id = field.field->run_id();
      row.load = field.field->name();
      row.metric = to_string(figure.figure);
      row.value = value_text(*field.field, figure.figure);
      row.better = better(figure.figure);
      row.leader = leader.strategy;
      row.other = other.strategy;
      row.leader_value = leader.typical(figure.figure, by_slices);
      row.other_value = other.typical(figure.figure, by_slices);
      row.duel = duel;
      row.looks = field.look.number;
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

std::vector<reports::BlockValue> block_values(const JudgedField& field) {
  std::vector<reports::BlockValue> values;
  for (const JudgedFigure& figure : field.figures) {
    for (const reports::Contender& contender : figure.contenders) {
      for (const auto& [block, value] : contender.values) {
        values.push_back({.run_id = field.field->run_id(),
                          .load = field.field->name(),
                          .metric = std::string(to_string(figure.figure)),
                          .better = better(figure.figure),
                          .strategy = contender.name,
                          .block = block,
                          .value = value});
      }
    }
  }
  return values;
}

}  // namespace crosstalk::harness
