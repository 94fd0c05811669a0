#include "harness/recorded_tournament.h"

#include <algorithm>
#include <filesystem>

#include "reports/comparison.h"

namespace crosstalk::harness {

namespace {

using Verdicts = std::vector<reports::RecordedVerdict>;

Verdicts verdicts_of(const RecordedFolder& folder) {
  const std::filesystem::path file = folder.path() / "comparison.csv";
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return {};
  return reports::read_verdicts(file);
}

bool was_judged_by_cpu(const Verdicts& verdicts, const std::string& load) {
  return std::any_of(verdicts.begin(), verdicts.end(), [&](const reports::RecordedVerdict& each) {
    return each.load == load && each.metric == to_string(Figure::cpu_per_op);
  });
}

// The share is in no file, but adjusted p-values are divided by it.
Look look_of(const LoadField& field, const Verdicts& verdicts) {
  Look look;
  const JudgedField whole = judged(field, look);
  for (const reports::RecordedVerdict& each : verdicts) {
    if (each.load != field.name()) continue;
    look.number = std::max(look.number, each.looks);
    if (look.share < 1) continue;
    for (const JudgedFigure& figure : whole.figures) {
      if (each.metric != to_string(figure.figure)) continue;
      for (const reports::Duel& duel : figure.tournament.duels) {
        if (figure.contenders[duel.other].name != each.other || each.p_holm >= 1 ||
            each.p_holm <= duel.p_holm)
          continue;
        look.share = duel.p_holm / each.p_holm;
      }
    }
  }
  return look.number > 1 ? look : Look{};
}

}  // namespace

RecordedTournament::RecordedTournament(const RecordedFolder& folder) {
  const Verdicts verdicts = verdicts_of(folder);
  for (const reports::RecordedTrial& trial : folder.trials()) {
    LoadField& field = field_of(fields_, trial);
    field.add(trial, !trial.identity.oversubscribed && !was_judged_by_cpu(verdicts, field.name()));
  }
  for (const LoadField& field : fields_) judged_.push_back(judged(field, look_of(field, verdicts)));
}

}  // namespace crosstalk::harness
