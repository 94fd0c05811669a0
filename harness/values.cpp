#include "harness/values.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>

#include "harness/printable.h"
#include "workloads/nearest.h"

namespace crosstalk::harness {

namespace {

// Wide enough for a number that is too large, so that "too large" is not mistaken for "no number".
__extension__ using Wide = unsigned __int128;
constexpr Wide kTooLarge = Wide{1} << 64;

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

bool looks_like_a_number(std::string_view text) noexcept {
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  return !text.empty() && text.size() <= 24 &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c) || c == '.'; });
}

std::string_view trimmed(std::string_view text) noexcept {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// digits[.digits] times 10^power, exactly; empty where the text is something else or a fraction is left over.
std::optional<Wide> parse_decimal(std::string_view text, unsigned power) noexcept {
  Wide value = 0;
  bool any = false;
  bool fraction = false;
  const auto add = [&value](unsigned digit) { value = std::min(value * 10 + digit, kTooLarge); };
  for (const char c : text) {
    if (c == '.' && !fraction && any) {
      fraction = true;
      any = false;  // a point asks for digits behind it
      continue;
    }
    if (!is_digit(c)) return std::nullopt;
    any = true;
    if (fraction && power == 0) {
      if (c != '0') return std::nullopt;
      continue;
    }
    if (fraction) --power;
    add(static_cast<unsigned>(c - '0'));
  }
  if (!any) return std::nullopt;
  for (; power > 0; --power) add(0);
  return value;
}

struct Suffix {
  std::string_view text;
  unsigned power;
};
constexpr std::array<Suffix, 4> kScales{{{"k", 3}, {"K", 3}, {"M", 6}, {"G", 9}}};

// Takes a scale off the end of the text; the power of ten it stands for.
unsigned take_scale(std::string_view& text) noexcept {
  for (const Suffix& scale : kScales) {
    if (text.size() < 2 || !text.ends_with(scale.text)) continue;
    text.remove_suffix(scale.text.size());
    return scale.power;
  }
  return 0;
}

// Each unit is a power of ten of nanoseconds times a factor.
struct Unit {
  std::string_view text;
  unsigned power;
  unsigned factor;
};
constexpr std::array<Unit, 6> kUnits{
    {{"h", 9, 3600}, {"m", 9, 60}, {"s", 9, 1}, {"ms", 6, 1}, {"us", 3, 1}, {"ns", 0, 1}}};

std::optional<Wide> parse_ns(std::string_view text) noexcept {
  if (const auto seconds = parse_decimal(text, 9)) return seconds;
  Wide sum = 0;
  std::size_t next_unit = 0;  // units go down, none twice
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    const auto number = text.substr(0, text.find_first_not_of("0123456789."));
    text.remove_prefix(number.size());
    const auto word = text.substr(0, text.find_first_of("0123456789."));
    text.remove_prefix(word.size());
    const auto unit = std::find_if(kUnits.begin() + static_cast<std::ptrdiff_t>(next_unit), kUnits.end(),
                                   [word](const Unit& u) { return u.text == word; });
    if (unit == kUnits.end()) return std::nullopt;
    const auto value = parse_decimal(number, unit->power);
    if (!value) return std::nullopt;
    sum = std::min(sum + *value * unit->factor, kTooLarge);
    next_unit = static_cast<std::size_t>(unit - kUnits.begin()) + 1;
  }
  return sum;
}

std::optional<double> parse_finite(std::string_view text) noexcept {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<double> parse_rate(std::string_view text) noexcept {
  if (text.ends_with("/s")) text.remove_suffix(2);
  const unsigned power = take_scale(text);
  const auto value = parse_finite(text);
  if (!value) return std::nullopt;
  return *value * std::pow(10.0, power);
}

// value / unit as a decimal, exactly; the unit is a power of ten.
std::string in_units(std::uint64_t value, std::uint64_t unit) {
  std::string text = std::to_string(value / unit);
  std::uint64_t rest = value % unit;
  if (rest > 0) text += '.';
  for (; rest > 0; rest %= unit) {
    unit /= 10;
    text += static_cast<char>('0' + rest / unit);
  }
  return text;
}

std::string between(const std::string& low, const std::string& high) {
  return "between " + low + " and " + high;
}

template <class T>
void add_to_list(std::vector<T>& list, T value) {
  if (list.size() == kListLimit) {
    throw ValueError("must be at most " + std::to_string(kListLimit) + " values, got more");
  }
  list.push_back(value);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto end = text.find(separator);
    parts.push_back(trimmed(text.substr(0, end)));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

// LOW:HIGH:STEP or LOW:HIGH where `step` says what the step then is (0: it must be given).
template <class T, class Parse>
void add_range(std::vector<T>& list, std::string_view text, T step, Parse&& parse) {
  const auto parts = split(text, ':');
  if (parts.size() > 3 || (parts.size() == 2 && step == T{})) {
    throw ValueError("a range must read LOW:HIGH:STEP, got " + shown(text));
  }
  const T low = parse(parts[0]);
  const T high = parse(parts[1]);
  if (high < low) throw ValueError("a range must not go down, got " + shown(text));
  if (parts.size() == 3) step = parse(parts[2]);
  if (!(step > T{})) throw ValueError("the step of a range must be above 0, got " + shown(text));
  // Counted, not summed up: a sum of rates would drift past the last one. The step of whole numbers divides
  // exactly.
  constexpr double kRounding = std::is_integral_v<T> ? 0 : 1e-9;
  const double steps = std::floor(static_cast<double>((high - low) / step) + kRounding);
  for (double i = 0; i <= steps; ++i) add_to_list(list, static_cast<T>(low + static_cast<T>(i) * step));
}

template <class T, class Parse>
std::vector<T> parse_list(std::string_view text, T step, Parse&& parse) {
  std::vector<T> list;
  for (const std::string_view item : split(text, ',')) {
    if (item.find(':') == std::string_view::npos) {
      add_to_list(list, parse(item));
    } else {
      add_range(list, item, step, parse);
    }
  }
  std::set<T> seen;
  for (const T value : list) {
    if (!seen.insert(value).second) {
      throw ValueError("must not hold a value twice, got " + format_real(static_cast<double>(value)) +
                       " again");
    }
  }
  return list;
}

}  // namespace

std::uint64_t parse_whole(std::string_view text, WholeBounds bounds) {
  std::string_view digits = text;
  const unsigned power = take_scale(digits);
  const auto value = parse_decimal(digits, power);
  if (value && *value >= bounds.low && *value <= bounds.high) return static_cast<std::uint64_t>(*value);
  const bool number = value || (looks_like_a_number(text) && text.find('.') == std::string_view::npos);
  throw ValueError(std::string(number ? "must be " : "must be a whole number ") +
                   between(std::to_string(bounds.low), std::to_string(bounds.high)) + ", got " + shown(text));
}

double parse_real(std::string_view text, RealBounds bounds) {
  const auto value = parse_finite(text);
  if (value && *value >= bounds.low && *value <= bounds.high) return *value;
  throw ValueError(std::string(value ? "must be " : "must be a number ") +
                   between(format_real(bounds.low), format_real(bounds.high)) + ", got " + shown(text));
}

std::uint64_t parse_duration_ns(std::string_view text, WholeBounds bounds) {
  const auto value = parse_ns(text);
  if (value && *value >= bounds.low && *value <= bounds.high) return static_cast<std::uint64_t>(*value);
  const bool number = value || looks_like_a_number(text);
  const std::string range = between(format_duration(bounds.low), format_duration(bounds.high));
  throw ValueError(
      (number ? "must be " + range : "must be a duration " + range + " like 500us, 30s or 1m30s") + ", got " +
      shown(text));
}

double parse_rate_ops_s(std::string_view text, RealBounds bounds) {
  const auto value = parse_rate(text);
  if (value && *value >= bounds.low && *value <= bounds.high) return *value;
  const std::string range =
      between(format_real(bounds.low), format_real(bounds.high)) + " operations a second";
  throw ValueError((value ? "must be " + range : "must be a rate " + range + " like 50k or 1.5M/s") +
                   ", got " + shown(text));
}

bool parse_switch(std::string_view text) {
  for (const std::string_view word : {"true", "yes", "on", "1"}) {
    if (text == word) return true;
  }
  for (const std::string_view word : {"false", "no", "off", "0"}) {
    if (text == word) return false;
  }
  throw ValueError("must be true or false, got " + shown(text));
}

std::size_t parse_word(std::string_view text, std::span<const std::string_view> words) {
  const auto found = std::find(words.begin(), words.end(), text);
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  std::string choices;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) choices += i + 1 == words.size() ? " or " : ", ";
    choices += words[i];
  }
  throw ValueError("must be " + choices + ", got " + shown(text) +
                   workloads::did_you_mean(text, {words.begin(), words.end()}));
}

std::vector<std::uint64_t> parse_wholes(std::string_view text, WholeBounds bounds) {
  return parse_list<std::uint64_t>(text, 1,
                                   [bounds](std::string_view item) { return parse_whole(item, bounds); });
}

std::vector<double> parse_rates_ops_s(std::string_view text, RealBounds bounds) {
  return parse_list<double>(text, 0,
                            [bounds](std::string_view item) { return parse_rate_ops_s(item, bounds); });
}

std::vector<std::string> parse_names(std::string_view text) {
  std::vector<std::string> names;
  for (const std::string_view name : split(text, ',')) {
    if (name.empty()) throw ValueError("must be names with commas between them, got " + shown(text));
    if (names.size() == kListLimit) {
      throw ValueError("must be at most " + std::to_string(kListLimit) + " names, got more");
    }
    names.emplace_back(name);
  }
  return names;
}

std::string shown(std::string_view text) {
  constexpr std::size_t kLongest = 60;
  if (text.empty()) return "nothing";
  if (looks_like_a_number(text)) return std::string(text);
  std::size_t length = std::min(text.size(), kLongest);
  // A character of several bytes is not cut in two.
  while (length > 0 && length < text.size() && is_continuation(text[length])) --length;
  return "'" + printable(text.substr(0, length)) + (length < text.size() ? "...'" : "'");
}

std::string format_duration(std::uint64_t ns) {
  // Below a minute one unit with its fraction; above, hours and minutes before the seconds.
  constexpr std::uint64_t kSecond = 1'000'000'000;
  if (ns == 0) return "0s";
  if (ns < 1'000) return std::to_string(ns) + "ns";
  if (ns < 1'000'000) return in_units(ns, 1'000) + "us";
  if (ns < kSecond) return in_units(ns, 1'000'000) + "ms";
  std::string text;
  if (const auto hours = ns / (3600 * kSecond); hours > 0) text += std::to_string(hours) + "h";
  if (const auto minutes = ns / (60 * kSecond) % 60; minutes > 0) text += std::to_string(minutes) + "m";
  if (const auto rest = ns % (60 * kSecond); rest > 0) text += in_units(rest, kSecond) + "s";
  return text;
}

std::string format_real(double value) {
  char buffer[64];
  const bool plain = value == 0 || (std::abs(value) >= 1e-4 && std::abs(value) < 1e15);
  const auto format = plain ? std::chars_format::fixed : std::chars_format::general;
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value, format);
  return error == std::errc() ? std::string(buffer, end) : "?";
}

}  // namespace crosstalk::harness
