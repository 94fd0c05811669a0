#include "workloads/scenario.h"

#include <algorithm>
#include <boost/program_options.hpp>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <sstream>

#include "workloads/nearest.h"
#include "workloads/shown.h"

#ifndef CROSSTALK_SCENARIO_FOLDERS
#define CROSSTALK_SCENARIO_FOLDERS ""
#endif

namespace crosstalk::workloads {

namespace po = boost::program_options;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kLineMax = 10'000;

// What is wrong with a value, or nothing.
using Problem = std::string;

struct Key {
  std::string_view name;
  std::string_view help;
  std::function<Problem(Scenario&, const std::string&)> set;
};

Problem parse_double(const std::string& text, double low, double high, double& out) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool number = error == std::errc() && end == text.data() + text.size();
  if (number && value >= low && value <= high) {
    out = value;
    return {};
  }
  std::ostringstream message;
  message.precision(10);  // 1000000, not 1e+06
  message << "must be between " << low << " and " << high << ", got " << shown_number(text);
  return message.str();
}

Key real(std::string_view name, double Scenario::*member, double low, double high, std::string_view help) {
  return {name, help,
          [=](Scenario& s, const std::string& text) { return parse_double(text, low, high, s.*member); }};
}

Key whole(std::string_view name, std::uint32_t Scenario::*member, std::uint32_t low, std::uint32_t high,
          std::string_view help) {
  return {name, help, [=](Scenario& s, const std::string& text) -> Problem {
            std::uint32_t value = 0;
            const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
            if (error == std::errc() && end == text.data() + text.size() && value >= low && value <= high) {
              s.*member = value;
              return {};
            }
            return "must be between " + std::to_string(low) + " and " + std::to_string(high) + ", got " +
                   shown_number(text);
          }};
}

Problem set_rooms_per_client(Scenario& scenario, const std::string& text) {
  std::vector<double> shares;
  double sum = 0;
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ',');) {
    part.erase(std::remove(part.begin(), part.end(), ' '), part.end());
    double share = 0;
    if (const Problem problem = parse_double(part, 0, 1, share); !problem.empty()) return problem;
    sum += share;
    shares.push_back(share);
  }
  const bool complete = !shares.empty() && text.back() != ',';
  if (!complete || shares.size() > 64 || sum <= 0 || sum > 1.000001) {
    return "must be 1 to 64 shares whose sum is above 0 and at most 1, got " + shown_number(text);
  }
  scenario.rooms_per_client = shares;
  return {};
}

Problem set_name(Scenario& scenario, const std::string& text) {
  if (text.empty()) return "must not be empty";
  scenario.name = text;
  return {};
}

Problem set_description(Scenario& scenario, const std::string& text) {
  scenario.description = text;
  return {};
}

Problem set_length_law(Scenario& scenario, const std::string& text) {
  for (const auto& [name, law] :
       {std::pair{"constant", LengthLaw::constant}, std::pair{"weibull", LengthLaw::weibull},
        std::pair{"lognormal", LengthLaw::lognormal}}) {
    if (text != name) continue;
    scenario.length_law = law;
    return {};
  }
  return "must be constant, weibull or lognormal, got " + shown_number(text);
}

const std::vector<Key>& keys() {
  using S = Scenario;
  static const std::vector<Key> all{
      {"name", "name of the scenario", set_name},
      {"description", "one line on what it models", set_description},
      whole("rooms", &S::rooms, 1, 10'000'000, "rooms"),
      real("room_exponent", &S::room_exponent, 0, 10, "messages per room by rank: Zipf exponent"),
      real("room_offset", &S::room_offset, 0, 1e6, "messages per room by rank: Mandelbrot offset"),
      real("membership_exponent", &S::membership_exponent, 0, 10, "members per room by rank: Zipf exponent"),
      {"rooms_per_client", "shares of clients in 1, 2, 3, ... rooms; the rest is in none",
       set_rooms_per_client},
      real("user_exponent", &S::user_exponent, 0, 10, "messages per user by rank in the room: Zipf exponent"),
      real("user_offset", &S::user_offset, 0, 1e6, "messages per user by rank: Mandelbrot offset"),
      real("silent_share", &S::silent_share, 0, 1, "share of clients that never write"),
      {"length_law", "message lengths: constant, weibull or lognormal", set_length_law},
      real("length_a", &S::length_a, 0, 1e6, "weibull: shape; lognormal: mu; constant: bytes"),
      real("length_b", &S::length_b, 0, 1e6, "weibull: scale in bytes; lognormal: sigma"),
      whole("length_cap", &S::length_cap, 1, 1U << 20, "longest message, bytes"),
      real("post", &S::post, 0, 1e6, "weight of posts; the weights below are relative to it"),
      real("churn", &S::churn, 0, 1e6, "weight of joins and leaves together"),
      real("disconnect_share", &S::disconnect_share, 0, 1, "share of the churn that ends whole sessions"),
      real("kick_share", &S::kick_share, 0, 1, "share of the leaves that another member brings about"),
      real("move", &S::move, 0, 1e6, "weight of moves between rooms"),
      real("direct", &S::direct, 0, 1e6, "weight of direct messages"),
      real("history", &S::history, 0, 1e6, "weight of history reads"),
      real("who", &S::who, 0, 1e6, "weight of member lists"),
      real("presence", &S::presence, 0, 1e6, "weight of presence queries"),
      real("mark", &S::mark, 0, 1e6, "weight of unread marks"),
      real("upload", &S::upload, 0, 1e6, "weight of uploaded files"),
      real("away_share", &S::away_share, 0, 0.9, "largest share of clients away at a time"),
      real("herd_share", &S::herd_share, 0, 1, "share of the clients whose sessions are lost once a lap"),
      real("herd_gone", &S::herd_gone, 0, 0.8, "share of the lap in which the herd is lost"),
      real("herd_away", &S::herd_away, 0, 0.8, "share of the lap in which it stays away"),
      real("herd_back", &S::herd_back, 0, 0.8, "share of the lap in which it comes back"),
      whole("history_messages", &S::history_messages, 1, 100'000, "messages asked for by a history read"),
      whole("upload_bytes", &S::upload_bytes, 1, 1U << 24, "length of an uploaded file, bytes"),
      whole("lap_operations", &S::lap_operations, 1'000, 1U << 22, "operations of one lap"),
      real("hawkes_branching", &S::hawkes_branching, 0, 0.99,
           "hawkes arrivals: events that one event causes"),
      real("hawkes_decay_s", &S::hawkes_decay_s, 1e-3, 1e6, "hawkes arrivals: mean delay after the cause, s"),
      real("hawkes_slow_sd", &S::hawkes_slow_sd, 0, 3,
           "hawkes arrivals: ln-sd of a factor on the rate, new each minute; 0 is none"),
      real("hawkes_rate", &S::hawkes_rate, 1e-6, 1e9,
           "hawkes arrivals: operations a second in real life, all rooms"),
      real("fault_throw", &S::fault_throw, 0, 1, "share of operations whose handler throws in the end"),
      real("fault_busy", &S::fault_busy, 0, 1,
           "share of operations at which another program locks the store"),
      real("fault_leak", &S::fault_leak, 0, 1, "share of disconnects that are never sent"),
  };
  return all;
}

const Key* find_key(std::string_view name) {
  const auto key = std::find_if(keys().begin(), keys().end(), [&](const Key& k) { return k.name == name; });
  return key == keys().end() ? nullptr : &*key;
}

std::string place(const fs::path& path, std::size_t line) {
  return path.string() + ":" + std::to_string(line) + ": ";
}

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// Boost 1.74 names neither file nor line, so each line is parsed by itself.
std::vector<Setting> parse_lines(const fs::path& path) {
  std::ifstream file(path);
  std::error_code ignored;
  if (!file || fs::is_directory(path, ignored)) throw InputError(path.string() + ": cannot be opened");
  std::vector<Setting> settings;
  std::set<std::string> seen;
  std::size_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (number == 1 && line.rfind("\xEF\xBB\xBF", 0) == 0) line.erase(0, 3);
    if (line.find('\0') != std::string::npos)
      throw InputError(place(path, number) + "a NUL byte (is the file UTF-16?)");
    if (line.size() > kLineMax) {
      throw InputError(place(path, number) + "the line is longer than " + std::to_string(kLineMax) +
                       " bytes");
    }
    // As a rule the end of a line that is none here: what follows would count as part of the value.
    if (!line.empty() && line.find('\r') < line.size() - 1)
      throw InputError(place(path, number) + "a carriage return within the line");
    // Line by line a section would be lost without a word.
    if (trimmed(line).starts_with('[')) throw InputError(place(path, number) + "sections are not known here");
    std::istringstream one(line + "\n");
    po::parsed_options parsed(nullptr);
    try {
      parsed = po::parse_config_file(one, po::options_description(), true);
    } catch (const po::error&) {
      throw InputError(place(path, number) + "must read 'key = value', got " + shown(trimmed(line)));
    }
    for (const po::option& option : parsed.options) {
      if (option.string_key.empty()) throw InputError(place(path, number) + "a value without a key");
      const std::string value = option.value.empty() ? "" : trimmed(option.value.front());
      if (!seen.insert(option.string_key).second) {
        throw InputError(place(path, number) + "key " + shown(option.string_key) + " stands twice");
      }
      settings.push_back({option.string_key, value, number});
    }
  }
  return settings;
}

std::vector<fs::path> folders() {
  std::vector<fs::path> result;
  if (const char* chosen = std::getenv("CROSSTALK_SCENARIOS")) result.emplace_back(chosen);
  // An installed program finds its own files wherever its tree was moved to.
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (!error) result.push_back(program.parent_path().parent_path() / "share/crosstalk/scenarios");
  std::istringstream built_in(CROSSTALK_SCENARIO_FOLDERS);
  for (std::string folder; std::getline(built_in, folder, ':');) result.emplace_back(folder);
  return result;
}

}  // namespace

std::vector<ScenarioKey> scenario_keys() {
  std::vector<ScenarioKey> result;
  for (const Key& key : keys()) result.push_back({key.name, key.help});
  return result;
}

ScenarioFile load_scenario(const fs::path& path, const std::set<std::string>& program_keys) {
  ScenarioFile file;
  file.path = path;
  file.scenario.name = path.stem().string();
  std::vector<std::string> known(program_keys.begin(), program_keys.end());
  for (const Key& key : keys()) known.emplace_back(key.name);
  for (const Setting& setting : parse_lines(path)) {
    const Key* key = find_key(setting.key);
    if (key == nullptr) {
      if (!program_keys.contains(setting.key)) {
        throw InputError(place(path, setting.line) + "unknown key " + shown(setting.key) +
                         did_you_mean(setting.key, known));
      }
      file.settings.push_back(setting);
      continue;
    }
    const Problem problem = key->set(file.scenario, setting.value);
    if (!problem.empty()) throw InputError(place(path, setting.line) + setting.key + ": " + problem);
  }
  try {
    validate(file.scenario);
  } catch (const InputError& error) {
    throw InputError(path.string() + ": " + error.what());
  }
  return file;
}

void set_keys(Scenario& scenario, std::string_view settings) {
  std::vector<std::pair<std::string, std::string>> pairs;
  std::istringstream parts{std::string(settings)};
  for (std::string part; std::getline(parts, part, ',');) {
    const auto equals = part.find('=');
    if (equals != std::string::npos) {
      pairs.emplace_back(trimmed(part.substr(0, equals)), trimmed(part.substr(equals + 1)));
    } else if (pairs.empty()) {
      throw InputError("must read key=value, got " + shown(trimmed(part)));
    } else {
      pairs.back().second += "," + trimmed(part);
    }
  }
  if (pairs.empty()) throw InputError("must read key=value, got nothing");
  std::set<std::string> seen;
  for (const auto& [name, value] : pairs) {
    const Key* key = find_key(name);
    if (key == nullptr) {
      std::vector<std::string> known;
      for (const Key& each : keys()) known.emplace_back(each.name);
      throw InputError("unknown key " + shown(name) + did_you_mean(name, known));
    }
    if (!seen.insert(name).second) throw InputError("key " + shown(name) + " stands twice");
    const Problem problem = key->set(scenario, value);
    if (!problem.empty()) throw InputError(std::string(name).append(": ").append(problem));
  }
}

void validate(const Scenario& s) {
  const double weights =
      s.post + s.churn + s.move + s.direct + s.history + s.who + s.presence + s.mark + s.upload;
  if (weights <= 0) throw InputError("the weights of all operations are 0; at least one must be positive");
  if (s.post + s.direct > 0 && s.silent_share >= 1) {
    throw InputError("silent_share: must be below 1 where post or direct is above 0, got 1");
  }
  if (s.churn + s.move > 0 && s.away_share <= 0) {
    throw InputError("away_share: must be above 0 where churn or move is above 0, got 0");
  }
  if (s.herd_gone + s.herd_away + s.herd_back > 0.8) {
    throw InputError("herd_gone + herd_away + herd_back: must be at most 0.8 of the lap together");
  }
  if (s.fault_throw + s.fault_busy > 1) {
    throw InputError("fault_throw + fault_busy: must be at most 1 together");
  }
  if (s.move > 0 && s.rooms < 2) throw InputError("rooms: must be at least 2 where move is above 0, got 1");
  if (s.length_law == LengthLaw::weibull && s.length_a <= 0) {
    throw InputError("length_a: must be above 0 for weibull, got 0");
  }
}

fs::path find_scenario(const std::string& name_or_path) {
  const bool is_path = name_or_path.find('/') != std::string::npos || name_or_path.ends_with(".ini");
  if (is_path) return name_or_path;
  for (const fs::path& folder : folders()) {
    const fs::path candidate = folder / (name_or_path + ".ini");
    std::error_code ignored;
    if (fs::is_regular_file(candidate, ignored)) return candidate;
  }
  const auto names = scenario_names();
  std::string message =
      "unknown scenario '" + name_or_path + "'" + did_you_mean(name_or_path, names) + " (there are:";
  for (const std::string& name : names) message += " " + name;
  throw InputError(message + ")");
}

std::vector<std::string> scenario_names() {
  std::set<std::string> names;
  for (const fs::path& folder : folders()) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
      if (entry.path().extension() == ".ini") names.insert(entry.path().stem().string());
    }
  }
  return {names.begin(), names.end()};
}

}  // namespace crosstalk::workloads
