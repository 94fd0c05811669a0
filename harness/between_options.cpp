#include "harness/between_options.h"

#include "harness/limits.h"

namespace crosstalk::harness {

namespace {

bool is_back_to_back(const PlanRow& row) {
  return row.load == LoadModel::closed && row.think.empty();
}

}  // namespace

void read_between(const Settings& settings, PlanRow& row) {
  row.outside_ns = settings.get<std::uint64_t>(
      "outside", 0, [](std::string_view text) { return parse_duration_ns(text, kOutsideBounds); });
  if (row.outside_ns > 0 && (row.path != Path::direct || !is_back_to_back(row))) {
    throw UsageError(settings.find("outside")->origin +
                     ": needs --path direct and --load closed, without --think");
  }
  row.repeat = settings.get<Repeat>("repeat", {}, parse_repeat);
  if (row.repeat.of == RepeatOf::nothing) return;
  const std::string origin = settings.find("repeat")->origin;
  if (!is_back_to_back(row)) throw UsageError(origin + ": needs --load closed, without --think");
  if (row.repeat.of == RepeatOf::pool && row.path != Path::pooled)
    throw UsageError(origin + ": pool needs --path pooled");
}

}  // namespace crosstalk::harness
