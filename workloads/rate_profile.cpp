#include "workloads/rate_profile.h"

#include <array>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <utility>

#include "workloads/hash.h"
#include "workloads/quantity.h"

namespace crosstalk::workloads {

namespace {

constexpr double kProfileRateMax = 1e9;
constexpr double kProfileLengthMaxNs = 1e16;
constexpr double kProfileOperationsMax = 1e15;
constexpr double kMinuteNs = 60e9;

template <class... Parts>
[[noreturn]] void refuse(const Parts&... parts) {
  std::ostringstream message;
  message.precision(10);
  (message << ... << parts);
  throw InputError(message.str());
}

// 0.1 operations a second for 30 s are 3, not 3 and a rounding error, which would be a fourth.
double snapped(double count) noexcept {
  const double whole = std::round(count);
  return std::abs(count - whole) <= 4e-15 * count ? whole : count;
}

void check_stage(const RateProfile::Stage& stage) {
  if (!(stage.length_ns > 0 && stage.length_ns <= kProfileLengthMaxNs)) {
    refuse("length: must be above 0 and at most 1e16 ns, got ", stage.length_ns, " ns");
  }
  for (const double rate : {stage.from_ops_s, stage.to_ops_s}) {
    if (!(rate >= 0 && rate <= kProfileRateMax)) {
      refuse("rate: must be between 0 and 1e9 operations a second, got ", rate);
    }
  }
}

void check_burst(const RateProfile::Burst& burst, double length_ns) {
  if (!(burst.operations >= 1 && burst.operations <= kProfileOperationsMax &&
        burst.operations == std::floor(burst.operations))) {
    refuse("burst: must have a whole number of operations between 1 and 1e15, got ", burst.operations);
  }
  if (!(burst.at_ns >= 0 && burst.at_ns < length_ns)) {
    refuse("burst: must be before the end of the stages at ", length_ns * 1e-9, " s, got ",
           burst.at_ns * 1e-9, " s");
  }
}

}  // namespace

RateProfile::RateProfile(std::span<const Stage> stages, std::span<const Burst> bursts) {
  double length_ns = 0;
  for (const Stage& stage : stages) {
    check_stage(stage);
    length_ns += stage.length_ns;
  }
  if (!(length_ns > 0 && length_ns <= kProfileLengthMaxNs)) {
    refuse("length: must be above 0 and at most 1e16 ns in all, got ", length_ns, " ns");
  }
  std::vector<Burst> ordered(bursts.begin(), bursts.end());
  for (const Burst& burst : ordered) check_burst(burst, length_ns);
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const Burst& a, const Burst& b) { return a.at_ns < b.at_ns; });
  auto first = ordered.begin();
  for (const Stage& stage : stages) {
    const bool last = &stage == &stages.back();
    const double end_ns = length_ns_ + stage.length_ns;
    const auto end = std::find_if(first, ordered.end(),
                                  [&](const Burst& burst) { return !last && burst.at_ns >= end_ns; });
    add_stage(stage, {first, end});
    first = end;
  }
  if (!(operations() > 0 && operations() <= kProfileOperationsMax)) {
    refuse("operations: must be above 0 and at most 1e15 in all, got ", operations());
  }
}

// Its bursts cut a stage into parts; where the last of them ends does not depend on that.
void RateProfile::add_stage(const Stage& stage, std::span<const Burst> bursts) {
  const double begin_ns = length_ns_;
  const double end_ns = begin_ns + stage.length_ns;
  const auto rate_after = [&](double ns) {
    return stage.from_ops_s + (stage.to_ops_s - stage.from_ops_s) * ns / stage.length_ns;
  };
  const auto count_after = [&](double ns) { return (stage.from_ops_s + rate_after(ns)) / 2 * ns / 1e9; };
  double base = operations();  // at the begin of the stage, and every burst so far
  const auto cover = [&](double until_ns) {
    const double from = rate_after(length_ns_ - begin_ns);
    const double to = rate_after(until_ns - begin_ns);
    const double end_count = std::max(operations(), snapped(base + count_after(until_ns - begin_ns)));
    const double lean = stage.from_ops_s == stage.to_ops_s ? 0.5 : from / (from + to);
    add({length_ns_, until_ns - length_ns_, operations(), end_count, lean});
    length_ns_ = until_ns;
  };
  for (const Burst& burst : bursts) {
    if (burst.at_ns > length_ns_) cover(burst.at_ns);
    add({burst.at_ns, 0, operations(), operations() + burst.operations, 0.5});
    base += burst.operations;
  }
  cover(end_ns);
}

void RateProfile::add(const RateStretch& stretch) {
  if (stretch.end_count > stretch.begin_count) stretches_.push_back(stretch);
}

double RateProfile::instant_ns(double n) const noexcept {
  const auto found = std::upper_bound(stretches_.begin(), stretches_.end(), n,
                                      [](double count, const RateStretch& s) { return count < s.end_count; });
  return found == stretches_.end() ? length_ns_ : found->instant_ns(n);
}

double RateProfile::rate_at(double ns) const noexcept {
  // Stretches of length 0, the bursts, end where they begin and so are passed over.
  const auto found =
      std::upper_bound(stretches_.begin(), stretches_.end(), ns,
                       [](double at, const RateStretch& s) { return at < s.begin_ns + s.length_ns; });
  if (found == stretches_.end() || ns < found->begin_ns) return 0;
  const double gone = (ns - found->begin_ns) / found->length_ns;
  const double mean = (found->end_count - found->begin_count) / found->length_ns * 1e9;
  return mean * 2 * (found->lean + (1 - 2 * found->lean) * gone);
}

std::uint64_t RateProfile::hash() const noexcept {
  Hash hash;
  hash.add(length_ns_);
  for (const RateStretch& stretch : stretches_) {
    hash.add(stretch.begin_ns);
    hash.add(stretch.length_ns);
    hash.add(stretch.end_count);
    hash.add(stretch.lean);
  }
  return hash.value();
}

RateProfile RateProfile::scaled_rate(double k) const {
  RateProfile result;
  result.length_ns_ = length_ns_;
  for (RateStretch stretch : stretches_) {
    stretch.begin_count = result.operations();
    stretch.end_count = snapped(stretch.end_count * k);
    result.add(stretch);
  }
  return result;
}

RateProfile RateProfile::compressed(double k) const {
  RateProfile result = *this;
  result.length_ns_ /= k;
  for (RateStretch& stretch : result.stretches_) {
    stretch.begin_ns /= k;
    stretch.length_ns /= k;
  }
  return result;
}

RateProfile RateProfile::led_in(double length_ns) const {
  RateProfile result;
  result.length_ns_ = length_ns;
  const double operations = snapped(rate_at(0) * length_ns * 1e-9);
  if (operations > 0) result.add({0, length_ns, 0, operations, 0.5});
  result.length_ns_ = length_ns + length_ns_;
  for (RateStretch stretch : stretches_) {
    stretch.begin_ns += length_ns;
    stretch.begin_count += operations;
    stretch.end_count += operations;
    result.add(stretch);
  }
  return result;
}

RateProfile constant(double rate_ops_s, double length_ns) {
  const RateProfile::Stage stage{length_ns, rate_ops_s, rate_ops_s};
  return RateProfile({&stage, 1}, {});
}

// ---- stages -------------------------------------------------------------------------------------------

namespace {

std::optional<double> parse_profile_rate(std::string_view text) {
  if (text.ends_with("/s")) text.remove_suffix(2);
  const std::optional<double> rate = parse_quantity(text);
  return rate && *rate <= kProfileRateMax ? rate : std::nullopt;
}

// PIECE is one of the texts between the commas.
void parse_burst_piece(std::string_view piece, std::vector<RateProfile::Burst>& bursts) {
  const std::string_view text = piece.substr(piece.find('@') + 1);
  const std::size_t colon = text.find(':');
  if (colon == text.npos) refuse("stages: a burst must read burst@TIME:COUNT, got ", in_quotes(piece));
  const auto at_ns = parse_duration_ns(text.substr(0, colon));
  if (!at_ns) {
    refuse("stages: ", in_quotes(piece), ": the time must be a duration like 500us, 30s or 1m30s, got ",
           in_quotes(text.substr(0, colon)));
  }
  const auto operations = parse_quantity(text.substr(colon + 1));
  if (!operations || *operations < 1 || *operations > kProfileOperationsMax ||
      *operations != std::floor(*operations)) {
    refuse("stages: ", in_quotes(piece),
           ": the count must be a whole number between 1 and 1e15 like 20k, got ",
           in_quotes(text.substr(colon + 1)));
  }
  bursts.push_back({*at_ns, *operations});
}

RateProfile::Stage parse_stage_piece(std::string_view piece) {
  const std::size_t colon = piece.find(':');
  if (colon == piece.npos) {
    refuse("stages: each must read LENGTH:RATE, LENGTH:FROM..TO or burst@TIME:COUNT, got ", in_quotes(piece));
  }
  const auto length_ns = parse_duration_ns(piece.substr(0, colon));
  if (!length_ns || *length_ns <= 0 || *length_ns > kProfileLengthMaxNs) {
    refuse("stages: ", in_quotes(piece),
           ": the length must be a duration above 0 and at most 1e16 ns like 500us, 30s or 1m30s, got ",
           in_quotes(piece.substr(0, colon)));
  }
  std::string_view rates = piece.substr(colon + 1);
  const std::size_t dots = rates.find("..");
  const auto rate = [&](std::string_view text) {
    const auto value = parse_profile_rate(text);
    if (!value) {
      refuse("stages: ", in_quotes(piece),
             ": the rate must be between 0 and 1e9 operations a second like 50k or 1.5M/s, got ",
             in_quotes(text));
    }
    return *value;
  };
  const double from = rate(rates.substr(0, dots));
  return {*length_ns, from, dots == rates.npos ? from : rate(rates.substr(dots + 2))};
}

}  // namespace

RateProfile parse_stages(std::string_view text) {
  std::vector<RateProfile::Stage> stages;
  std::vector<RateProfile::Burst> bursts;
  for (std::size_t first = 0; first <= text.size();) {
    const std::size_t comma = std::min(text.find(',', first), text.size());
    std::string_view piece = text.substr(first, comma - first);
    while (piece.starts_with(' ')) piece.remove_prefix(1);
    while (piece.ends_with(' ')) piece.remove_suffix(1);
    if (piece.starts_with("burst@")) {
      parse_burst_piece(piece, bursts);
    } else {
      stages.push_back(parse_stage_piece(piece));
    }
    first = comma + 1;
  }
  try {
    return {stages, bursts};
  } catch (const InputError& error) {
    refuse("stages: ", in_quotes(text), ": ", error.what());
  }
}

// ---- envelope -----------------------------------------------------------------------------------------

namespace {

constexpr std::size_t kNoColumn = static_cast<std::size_t>(-1);
constexpr double kMinutesMax = kProfileLengthMaxNs / kMinuteNs;

class EnvelopeReader {
 public:
  explicit EnvelopeReader(const std::filesystem::path& path)
      : name_(path.string()), file_(path, std::ios::binary) {
    std::error_code ignored;
    if (!file_ || std::filesystem::is_directory(path, ignored))
      throw InputError(name_ + ": cannot be opened");
  }

  RateProfile read() {
    read_header();
    while (next_line()) read_row();
    if (stages_.empty()) fail("the file has a header and no rows");
    try {
      return {stages_, {}};
    } catch (const InputError& error) {
      throw InputError(name_ + ": " + error.what());
    }
  }

 private:
  template <class... Parts>
  [[noreturn]] void fail(const Parts&... parts) const {
    refuse(name_, ":", line_, ": ", parts...);
  }

  bool next_line() {
    std::string text;
    if (!std::getline(file_, text)) return false;
    ++line_;
    if (file_.eof()) fail("the last line is cut off (it does not end in a newline)");
    if (text.find('\0') != text.npos) fail("a NUL byte (is the file UTF-16?)");
    if (line_ == 1 && text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
    if (text.ends_with('\r')) text.pop_back();
    cells_.clear();
    for (std::istringstream cells(text + ","); std::getline(cells, text, ',');) cells_.push_back(text);
    return true;
  }

  void read_header() {
    if (!next_line()) throw InputError(name_ + ":1: the file is empty");
    columns_ = cells_.size();
    for (std::size_t i = 0; i < columns_; ++i) {
      for (auto& [name, place] : {std::pair<const char*, std::size_t&>{"minute", minute_},
                                  {"messages", messages_},
                                  {"rate", rate_}}) {
        if (cells_[i] != name) continue;
        if (place != kNoColumn) fail("column ", name, " stands twice");
        place = i;
      }
    }
    if (minute_ == kNoColumn) fail("there is no column minute");
    if (messages_ == kNoColumn && rate_ == kNoColumn) fail("there is no column messages or rate");
  }

  void read_row() {
    if (cells_.size() != columns_) fail("must have ", columns_, " cells, got ", cells_.size());
    const auto minute = parse_quantity(cells_[minute_]);
    if (!minute || *minute > kMinutesMax || *minute != std::floor(*minute)) {
      fail("minute: must be a whole number up to ", std::floor(kMinutesMax), ", got ",
           in_quotes(cells_[minute_]));
    }
    if (!stages_.empty()) {
      if (*minute < next_minute_)
        fail("minute: must be above that of the row before, ", next_minute_ - 1, ", got ", *minute);
      // Nothing is known of minutes left out.
      if (*minute > next_minute_) stages_.push_back({(*minute - next_minute_) * kMinuteNs, 0, 0});
    }
    next_minute_ = *minute + 1;
    const double rate = messages_ != kNoColumn ? number(messages_, "messages", kProfileRateMax * 60) / 60
                                               : number(rate_, "rate", kProfileRateMax);
    stages_.push_back({kMinuteNs, rate, rate});
  }

  double number(std::size_t column, const char* name, double high) const {
    const std::string& cell = cells_[column];
    if (cell.empty() || cell == "-1") return 0;
    const auto value = parse_quantity(cell);
    if (value && *value <= high) return *value;
    fail(name, ": must be between 0 and ", high, ", or -1 or nothing where it is not known, got ",
         in_quotes(cell));
  }

  std::string name_;
  std::ifstream file_;
  std::size_t line_ = 0;
  std::vector<std::string> cells_;
  std::size_t columns_ = 0;
  std::size_t minute_ = kNoColumn;
  std::size_t messages_ = kNoColumn;
  std::size_t rate_ = kNoColumn;
  double next_minute_ = 0;
  std::vector<RateProfile::Stage> stages_;
};

}  // namespace

RateProfile read_envelope(const std::filesystem::path& file) {
  return EnvelopeReader(file).read();
}

}  // namespace crosstalk::workloads
