#include "harness/gate/waivers.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>

#include "harness/gate/ini_sections.h"
#include "harness/gate/metric_limits.h"
#include "harness/values.h"

namespace crosstalk::harness::gate {

namespace {

constexpr std::array<std::string_view, 3> kWaiverKeys{"allowed", "reason", "expires"};

// Days that exist, so that they compare as text.
bool is_day(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const auto number = [&](std::size_t begin, std::size_t count) {
    int value = 0;
    for (const char c : text.substr(begin, count)) {
      if (c < '0' || c > '9') return -1;
      value = 10 * value + (c - '0');
    }
    return value;
  };
  const int year = number(0, 4), month = number(5, 2), day = number(8, 2);
  if (year < 0 || month < 0 || day < 0) return false;
  return std::chrono::year_month_day(std::chrono::year(year),
                                     std::chrono::month(static_cast<unsigned>(month)),
                                     std::chrono::day(static_cast<unsigned>(day)))
      .ok();
}

const IniEntry& entry_of(const std::string& file, const IniSection& section, std::string_view key) {
  const IniEntry* entry = section.find(key);
  if (entry == nullptr || entry->value.empty())
    refuse(file, entry == nullptr ? section.line : entry->line,
           "[" + section.name + "]: " + std::string(key) + " must be given");
  return *entry;
}

Waiver waiver_of(const std::string& file, const IniSection& section, std::string_view today) {
  const auto blank = section.name.rfind(' ');
  if (blank == std::string::npos)
    refuse(file, section.line, "must be [SCENARIO METRIC], got " + shown(section.name));
  Waiver waiver;
  waiver.scenario = section.name.substr(0, section.name.find_last_not_of(' ', blank) + 1);
  waiver.metric = section.name.substr(blank + 1);
  waiver.place = file + ":" + std::to_string(section.line);
  if (!is_metric(waiver.metric))
    refuse(file, section.line,
           "unknown metric " + shown(waiver.metric) + " (there are: " + metric_names() + ")");
  const IniEntry& allowed = entry_of(file, section, "allowed");
  try {
    waiver.allowed = parse_share(allowed.value);
  } catch (const ValueError& error) {
    refuse(file, allowed.line, std::string("allowed: ") + error.what());
  }
  waiver.reason = entry_of(file, section, "reason").value;
  const IniEntry& expires = entry_of(file, section, "expires");
  waiver.expires = expires.value;
  if (!is_day(waiver.expires))
    refuse(file, expires.line, "expires: must be a day such as 2027-01-31, got " + shown(waiver.expires));
  if (waiver.expires < today)
    refuse(file, expires.line,
           "the waiver of [" + section.name + "] expired on " + waiver.expires +
               ": take it out, or decide anew");
  return waiver;
}

}  // namespace

const Waiver* Waivers::find(std::string_view scenario, std::string_view metric) const noexcept {
  const auto found = std::find_if(waivers_.begin(), waivers_.end(), [&](const Waiver& each) {
    return each.scenario == scenario && each.metric == metric;
  });
  return found == waivers_.end() ? nullptr : &*found;
}

Waivers parse_waivers(const std::string& file, std::string_view text, std::string_view today) {
  std::vector<Waiver> waivers;
  for (const IniSection& section : parse_sections(file, text, kWaiverKeys))
    waivers.push_back(waiver_of(file, section, today));
  return Waivers(std::move(waivers));
}

Waivers read_waivers(const std::filesystem::path& file, std::string_view today) {
  std::vector<Waiver> waivers;
  for (const IniSection& section : read_sections(file, kWaiverKeys))
    waivers.push_back(waiver_of(file.string(), section, today));
  return Waivers(std::move(waivers));
}

std::string today_utc() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[16];
  std::strftime(text, sizeof text, "%Y-%m-%d", &utc);
  return text;
}

}  // namespace crosstalk::harness::gate
