#include "reports/gate_trials.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <random>
#include <stdexcept>
#include <utility>

#include "reports/csv_text.h"
#include "reports/rival_rules.h"
#include "reports/sequential_gate.h"

namespace crosstalk::reports {

namespace {

constexpr double kFairRate = 0.01;

struct Sides {
  std::vector<double> base, head;
};

// Where in the series a trial takes its blocks. The series is a ring, so that all places are equally likely.
class Stretch {
 public:
  Stretch(const NoiseSeries& noise, std::uint64_t seed) : blocks_(noise.blocks), random_(seed) {
    begin_ = random_() % blocks_.size();
  }

  [[nodiscard]] double block(std::size_t i) const { return blocks_[(begin_ + i) % blocks_.size()]; }
  bool coin() { return (random_() >> 40 & 1) != 0; }

  [[nodiscard]] Sides sides(Design design, std::size_t count, double effect) {
    Sides sides;
    const std::size_t elsewhere = random_() % blocks_.size();
    for (std::size_t i = 0; i < count; ++i) {
      std::size_t base = i;
      std::size_t head = count + i;
      if (design == Design::paired) {
        const std::size_t first = coin() ? 1 : 0;
        base = 2 * i + first;
        head = 2 * i + 1 - first;
      }
      if (design == Design::rounds) {  // base, head, head, base
        const std::size_t half = count / 2;
        base = i < half ? i : count + i;
        head = half + i;
      }
      if (design == Design::stored) base = elsewhere + i;
      sides.base.push_back(block(base));
      sides.head.push_back(block(head) * (1 + effect));
    }
    return sides;
  }

 private:
  const std::vector<double>& blocks_;
  std::mt19937_64 random_;
  std::size_t begin_ = 0;
};

std::uint64_t seed_of(const TrialPlan& plan, std::size_t trial) {
  return plan.seed * 0x9E3779B97F4A7C15ULL + trial;
}

std::vector<double> scores_of(const NoiseSeries& noise, const TrialPlan& plan, const RivalRule& rule,
                              std::size_t pairs, double effect) {
  std::vector<double> scores;
  for (std::size_t trial = 0; trial < plan.trials; ++trial) {
    const Sides sides = Stretch(noise, seed_of(plan, trial)).sides(rule.design, pairs, effect);
    scores.push_back(rule.score(sides.base, sides.head));
  }
  return scores;
}

std::size_t above(const std::vector<double>& scores, double limit) {
  return static_cast<std::size_t>(
      std::count_if(scores.begin(), scores.end(), [&](double score) { return score > limit; }));
}

// At most 1 % of the scores lie above.
double fair_limit(std::vector<double> scores) {
  std::sort(scores.begin(), scores.end());
  const auto allowed = static_cast<std::size_t>(kFairRate * static_cast<double>(scores.size()));
  return scores[scores.size() - 1 - allowed];
}

void add_rival(const NoiseSeries& noise, const TrialPlan& plan, const RivalRule& rule, std::size_t pairs,
               std::vector<TrialRow>& rows) {
  double limit = 0;
  for (const double effect : plan.effects) {
    const std::vector<double> scores = scores_of(noise, plan, rule, pairs, effect);
    if (effect == 0) limit = fair_limit(scores);
    TrialRow row{.noise = noise.name, .tool = std::string(rule.name), .effect = effect, .pairs = pairs};
    row.minutes = 2 * static_cast<double>(pairs) * plan.block_seconds / 60;
    row.trials = plan.trials;
    row.red = above(scores, rule.limit);
    row.red_fair = above(scores, limit);
    rows.push_back(row);
  }
}

struct GateEnd {
  bool red = false;
  std::size_t pairs = 0;
};

GateEnd run_gate(const NoiseSeries& noise, std::uint64_t seed, const GateMetric& metric,
                 std::size_t pairs_max, double effect) {
  Stretch stretch(noise, seed);
  SequentialGate gate({{.name = noise.name, .pairs_max = pairs_max}}, {metric}, {.seed = seed});
  GateEnd end;
  for (auto orders = gate.orders(); !orders.empty(); orders = gate.orders()) {
    const std::size_t first = stretch.coin() ? 1 : 0;
    const std::array<std::optional<double>, 1> base{stretch.block(2 * end.pairs + first)};
    const std::array<std::optional<double>, 1> head{stretch.block(2 * end.pairs + 1 - first) * (1 + effect)};
    gate.add(0, orders.front().phase, base, head);
    ++end.pairs;
  }
  end.red = gate.rows().front().verdict == Verdict::regressed;
  return end;
}

void add_gate(const NoiseSeries& noise, const TrialPlan& plan, const GateMetric& metric, std::size_t pairs,
              std::vector<TrialRow>& rows) {
  for (const double effect : plan.effects) {
    TrialRow row{.noise = noise.name, .tool = metric.name, .effect = effect, .pairs = pairs};
    row.trials = plan.trials;
    for (std::size_t trial = 0; trial < plan.trials; ++trial) {
      const GateEnd end = run_gate(noise, seed_of(plan, trial), metric, pairs, effect);
      row.red += end.red ? 1 : 0;
      row.minutes +=
          2 * static_cast<double>(end.pairs) * plan.block_seconds / 60 / static_cast<double>(plan.trials);
    }
    row.red_fair = row.red;
    rows.push_back(row);
  }
}

// Which has to hold the longest trial: search and confirmation of a gate.
void require_length(const NoiseSeries& noise, const TrialPlan& plan) {
  const std::size_t needed = 4 * *std::max_element(plan.pairs.begin(), plan.pairs.end());
  if (noise.blocks.size() >= needed) return;
  throw std::invalid_argument(noise.name + ": " + std::to_string(noise.blocks.size()) +
                              " blocks are too few for these trials, which take up to " +
                              std::to_string(needed));
}

}  // namespace

std::vector<TrialRow> gate_trials(const NoiseSeries& noise, const TrialPlan& plan) {
  require_length(noise, plan);
  // The second one hunts losses of 2 %, which the first one calls unchanged since they are within its budget.
  const std::array<GateMetric, 2> gates{
      GateMetric{.name = "crosstalk gate", .margin = 0.01, .budget = 0.05},
      GateMetric{.name = "crosstalk gate, budget 2 %", .margin = 0.005, .budget = 0.02}};
  std::vector<TrialRow> rows;
  for (const GateMetric& gate : gates) {
    for (const std::size_t pairs : plan.pairs) add_gate(noise, plan, gate, pairs, rows);
  }
  for (const RivalRule& rule : rival_rules()) {
    for (const std::size_t pairs : plan.pairs) add_rival(noise, plan, rule, pairs, rows);
  }
  return rows;
}

std::string trials_header() {
  return "noise,tool,effect,pairs,minutes,trials,red,red_fair\n";
}

std::string trials_line(const TrialRow& row) {
  CsvText text;
  text.cell(row.noise).cell(row.tool).cell(row.effect).cell(row.pairs).cell(row.minutes);
  text.cell(row.trials).cell(row.red).cell(row.red_fair);
  text.end_row();
  return text.text();
}

std::vector<NoiseSeries> synthetic_noise(std::size_t blocks, std::uint64_t seed) {
  constexpr double kBlock = 0.0106;
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  std::vector<NoiseSeries> series{{"quiet", {}}, {"wild", {}}, {"shared", {}}};
  const double memory = std::pow(0.5, 1.0 / 140);
  double drift = 0;
  bool neighbour = false;
  for (std::size_t i = 0; i < blocks; ++i) {
    const double quiet = kBlock * normal(random);
    const double wild = uniform(random) < 0.05 ? 0.05 + 0.25 * uniform(random) : 0;
    neighbour = uniform(random) < (neighbour ? 1.0 / 40 : 1.0 / 80) ? !neighbour : neighbour;
    drift = memory * drift + 0.03 * std::sqrt(1 - memory * memory) * normal(random);
    series[0].blocks.push_back(std::exp(quiet));
    series[1].blocks.push_back(std::exp(quiet + wild));
    series[2].blocks.push_back(std::exp(quiet + drift + (neighbour ? 0.06 : 0)));
  }
  return series;
}

std::vector<NoiseSeries> recorded_noise(std::span<const RecordedPair> pairs) {
  const std::vector<GateMetric>& metrics = default_gate_metrics();
  std::map<std::pair<std::string, std::string>, std::vector<std::optional<double>>> found;
  for (const RecordedPair& pair : pairs) {
    if (pair.disturbed) continue;
    for (std::size_t metric = 0; metric < metrics.size(); ++metric) {
      auto& blocks = found[{pair.scenario, metrics[metric].name}];
      for (const bool base : {pair.base_first, !pair.base_first}) {
        std::optional<double> value = (base ? pair.base : pair.head)[metric];
        if (value && metrics[metric].better == Better::larger) value = 1 / *value;  // smaller is better
        blocks.push_back(value);
      }
    }
  }
  std::vector<NoiseSeries> series;
  for (const auto& [name, blocks] : found) {
    NoiseSeries each{name.first + ", " + name.second, {}};
    for (const auto& block : blocks) {
      if (block) each.blocks.push_back(*block);
    }
    if (each.blocks.size() == blocks.size()) series.push_back(std::move(each));
  }
  return series;
}

}  // namespace crosstalk::reports
