#include "harness/report_view.h"

#include <algorithm>
#include <cmath>

#include "harness/campaign.h"
#include "harness/display.h"
#include "harness/map_view.h"
#include "harness/percentile_bar.h"
#include "harness/printable.h"
#include "harness/recorded_tournament.h"
#include "harness/sparkline.h"
#include "harness/tournament_view.h"
#include "harness/values.h"

namespace crosstalk::harness {

namespace {

using reports::Histogram;
using reports::RecordedTrial;

constexpr std::size_t kNameWidth = 22;
constexpr std::size_t kBarWidth = 29;
constexpr std::size_t kLineWidth = 32;

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
}

std::string padded_to(std::string text, std::size_t width) {
  text.append(width - std::min(width, characters(text)), ' ');
  return text;
}
std::string right_in(const std::string& text, std::size_t width) {
  return std::string(width - std::min(width, characters(text)), ' ') + text;
}

// A name in its column; the middle of one that is too long is left out.
std::string name_cell(const std::string& name) {
  const std::string text = printable(name);
  if (characters(text) <= kNameWidth) return padded_to(text, kNameWidth);
  const auto skip = [&text](std::size_t count) {
    std::size_t at = 0;
    for (; count > 0 && at < text.size(); --count) {
      ++at;
      while (at < text.size() && is_continuation(text[at])) ++at;
    }
    return at;
  };
  constexpr std::size_t kHead = (kNameWidth - 2) / 2;
  const std::size_t tail = kNameWidth - 2 - kHead;
  return text.substr(0, skip(kHead)) + ".." + text.substr(skip(characters(text) - tail));
}

std::string time_cell(const std::optional<std::uint64_t>& ns) {
  return right_in(ns ? display_ns(static_cast<double>(*ns)) : "", 9);
}

std::string without_blanks_behind(std::string text) {
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

// The slices of the measured phase, each the median over sound trials of what `value` says.
template <class Value>
std::vector<std::optional<double>> typical_slices(const StrategyRecord& record, Value&& value) {
  std::vector<std::vector<double>> slices;
  for (const RecordedTrial* trial : record.trials) {
    if (!trial->sound()) continue;
    std::size_t place = 0;
    for (const reports::Interval& slice : trial->intervals) {
      if (slice.phase != "measure" || slice.op != "all") continue;
      if (slices.size() <= place) slices.resize(place + 1);
      if (const std::optional<double> one = value(slice)) slices[place].push_back(*one);
      ++place;
    }
  }
  std::vector<std::optional<double>> result(slices.size());
  for (std::size_t i = 0; i < slices.size(); ++i) {
    if (!slices[i].empty()) result[i] = reports::median(slices[i]);
  }
  return squeezed(result, kLineWidth);
}

std::optional<double> rate_of(const reports::Interval& slice) {
  if (slice.length_ns == 0) return std::nullopt;
  return static_cast<double>(slice.completed) * 1e9 / static_cast<double>(slice.length_ns);
}
std::optional<double> p99_of(const reports::Interval& slice) {
  if (!slice.response_p99_ns) return std::nullopt;
  return static_cast<double>(*slice.response_p99_ns);
}

struct Reach {
  double low = 0, high = 0;
  bool any = false;
};
Reach reach_of(const std::vector<std::optional<double>>& values) {
  Reach reach;
  for (const auto& value : values) {
    if (!value) continue;
    reach.low = reach.any ? std::min(reach.low, *value) : *value;
    reach.high = reach.any ? std::max(reach.high, *value) : *value;
    reach.any = true;
  }
  return reach;
}

template <class Show>
std::string timeline(const std::string& name, const std::vector<std::optional<double>>& values,
                     const Glyphs& glyphs, Show&& show) {
  const Reach reach = reach_of(values);
  const std::string from = show(reach.low);
  const std::string to = show(reach.high);
  return without_blanks_behind(name + "  " + padded_to(sparkline(values, reach.high, glyphs), kLineWidth) +
                               "  " + (from == to ? from : from + " - " + to));
}

std::uint64_t longest_measured_ns(const LoadRecord& load) {
  std::uint64_t longest = 0;
  for (const StrategyRecord& record : load.strategies) {
    for (const RecordedTrial* trial : record.trials) longest = std::max(longest, trial->measured_ns());
  }
  return longest;
}

void print_lines(std::ostream& out, const std::string& title, const std::vector<std::string>& lines,
                 bool fenced) {
  if (lines.empty()) return;
  out << '\n' << (fenced ? title : wrapped(title, 2)) << "\n\n" << (fenced ? "```text\n" : "");
  for (const std::string& line : lines) out << line << '\n';
  if (fenced) out << "```\n";
}

void print_pictures(const LoadRecord& load, bool markdown, const Glyphs& glyphs, std::ostream& out) {
  const auto& shade = glyphs.shades;
  const auto part = [](std::string_view glyph, const char* what) { return std::string(glyph) + " " + what; };
  print_lines(out,
              load.name.text + ": responses of all sound trials together; " + part(shade[0], "to p50, ") +
                  part(shade[1], "to p90, ") + part(shade[2], "to p99, ") + part(shade[3], "to p99.9, ") +
                  part(shade[4], "to the maximum"),
              latency_bars(load, glyphs), markdown);
  print_lines(
      out,
      load.name.text + ": over the " + display_ns(static_cast<double>(longest_measured_ns(load))) +
          " that were measured, medians over trials, lines from 0 to their highest; operations per second, below "
          "them p99",
      timelines(load, glyphs), markdown);
}

Summary summary_of(const RecordedFolder& folder) {
  Summary summary;
  for (const RecordedTrial& trial : folder.trials()) summary.add(trial);
  return summary;
}

}  // namespace

std::vector<std::string> latency_bars(const LoadRecord& load, const Glyphs& glyphs) {
  std::vector<const Histogram*> all;
  for (const StrategyRecord& record : load.strategies) {
    if (const Histogram* values = record.times_of("response")) all.push_back(values);
  }
  std::vector<std::string> lines;
  if (all.empty()) return lines;
  const LogScale scale = scale_of(all);
  const std::string low = display_ns(scale.low_ns);
  const std::string high = display_ns(scale.high_ns);
  const std::size_t between = kBarWidth - std::min(kBarWidth, low.size() + high.size());
  lines.push_back(padded_to("", kNameWidth) + " " + low + std::string(between, ' ') + high +
                  right_in("p50", 9) + right_in("p99", 9) + right_in("max", 9));
  for (const StrategyRecord& record : load.strategies) {
    const Histogram* values = record.times_of("response");
    if (values == nullptr) continue;
    lines.push_back(name_cell(record.strategy) + " " +
                    padded_to(percentile_bar(*values, scale, kBarWidth, glyphs), kBarWidth) +
                    time_cell(values->percentile(0.5)) + time_cell(values->percentile(0.99)) +
                    time_cell(values->max()));
  }
  return lines;
}

std::vector<std::string> timelines(const LoadRecord& load, const Glyphs& glyphs) {
  std::vector<std::string> lines;
  for (const StrategyRecord& record : load.strategies) {
    if (record.floor) continue;
    const auto rates = typical_slices(record, rate_of);
    if (rates.size() < 2) continue;  // a single slice is no course
    lines.push_back(timeline(name_cell(record.strategy), rates, glyphs, display_rate));
    const auto p99 = typical_slices(record, p99_of);
    if (reach_of(p99).any) lines.push_back(timeline(padded_to("", kNameWidth), p99, glyphs, display_ns));
  }
  return lines;
}

void print_folder(const RecordedFolder& folder, Format format, const Glyphs& glyphs, Streams streams) {
  // Of a map the cells are the loads: pictures of each would be a book.
  if (const auto map = folder.path() / "map.csv"; std::filesystem::exists(map)) {
    std::vector<reports::MapRow> rows = reports::read_map(map);
    for (reports::MapRow& row : rows) {
      row.leader = printable(row.leader);
      row.runner_up = printable(row.runner_up);
      for (auto* texts : {&row.tied, &row.left_out}) {
        for (std::string& text : *texts) text = printable(text);
      }
    }
    print_map(rows, format, streams);
    return;
  }
  const Summary summary = summary_of(folder);
  if (folder.is_comparison()) {
    const RecordedTournament tournament(folder);
    print_tournament(tournament.fields(), format, streams);
    for (const std::string& warning : summary.warnings())
      streams.err << wrapped("warning: " + printable(warning), 2) << '\n';
  } else {
    print_summary(summary, format, folder.path(), streams);
  }
  for (const LoadRecord& load : folder.loads())
    print_pictures(load, format == Format::markdown, glyphs, streams.out);
  streams.out.flush();
}

int exit_code_of(const std::vector<RecordedFolder>& folders) {
  std::vector<int> codes;
  for (const RecordedFolder& folder : folders) codes.push_back(summary_of(folder).exit_code());
  for (const int worst : {3, 8, 4}) {
    if (std::find(codes.begin(), codes.end(), worst) != codes.end()) return worst;
  }
  return 0;
}

}  // namespace crosstalk::harness
