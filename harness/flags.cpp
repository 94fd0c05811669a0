#include "harness/flags.h"

#include <algorithm>
#include <boost/program_options.hpp>
#include <filesystem>
#include <fstream>

#include "workloads/nearest.h"

namespace crosstalk::harness {

namespace po = boost::program_options;
namespace fs = std::filesystem;

namespace {

const Flag* find_flag(std::span<const Flag> flags, std::string_view name) {
  const auto found =
      std::find_if(flags.begin(), flags.end(), [name](const Flag& flag) { return flag.name == name; });
  return found == flags.end() ? nullptr : &*found;
}

std::string with(std::string text, char from, char to) {
  std::replace(text.begin(), text.end(), from, to);
  return text;
}

std::string variable_of(std::string_view flag) {
  std::string name = "CROSSTALK_";
  for (const char c : flag)
    name += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return name;
}

[[noreturn]] void unknown_flag(std::span<const Flag> flags, const std::string& token) {
  const std::string name = token.substr(0, token.find('='));
  std::vector<std::string> names{"--help"};
  for (const Flag& flag : flags) names.push_back("--" + std::string(flag.name));
  throw UsageError("unknown flag " + shown(name) + workloads::did_you_mean(name, names));
}

// Boost finds flag and value; whether they make sense is judged in one_argument(), with texts of our own.
std::vector<po::option> parse(std::span<const Flag> flags, const std::vector<std::string>& arguments) {
  po::options_description description;
  for (const Flag& flag : flags) {
    auto* value = po::value<std::string>();
    if (flag.value.empty()) value->implicit_value("true");
    description.add_options()(std::string(flag.name).c_str(), value);
  }
  namespace style = po::command_line_style;
  // Neither abbreviations nor other capitals: a script must not change its meaning when a flag is added.
  const int strict = style::allow_long | style::long_allow_adjacent | style::long_allow_next |
                     style::allow_short | style::allow_dash_for_short | style::short_allow_next;
  try {
    return po::command_line_parser(arguments)
        .options(description)
        .style(strict)
        .allow_unregistered()
        .run()
        .options;
  } catch (const po::invalid_command_line_syntax& error) {
    throw UsageError(error.get_option_name() + ": needs a value");
  }
}

Given one_argument(std::span<const Flag> flags, const po::option& option) {
  const std::string token = option.original_tokens.empty() ? "" : option.original_tokens.front();
  if (option.unregistered || (option.string_key.empty() && token.starts_with("--=")))
    unknown_flag(flags, token);
  if (option.position_key != -1) throw UsageError("unexpected argument " + shown(token));
  const Flag* flag = find_flag(flags, option.string_key);
  if (flag == nullptr) unknown_flag(flags, token);
  const std::string name = "--" + option.string_key;
  const std::string value = option.value.empty() ? "true" : option.value.front();
  const bool separate = option.original_tokens.size() > 1;
  if (flag->value.empty() && separate) throw UsageError("unexpected argument " + shown(value));
  if (!flag->value.empty() &&
      (option.value.empty() || value.empty() || (separate && value.starts_with("--")))) {
    throw UsageError(name + ": needs a value");
  }
  return {option.string_key, value, Layer::arguments, name};
}

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\r");
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// One line of an .ini of flags; no flag: the line is empty.
Given one_line(std::span<const Flag> flags, std::string line, const std::string& place) {
  if (line.find('\0') != std::string::npos) throw UsageError(place + ": a NUL byte");
  line = trimmed(line.substr(0, line.find('#')));
  if (line.empty()) return {};
  const auto equals = line.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw UsageError(place + ": must read 'key = value', got " + shown(line));
  }
  const std::string key = trimmed(line.substr(0, equals));
  const Flag* flag = find_flag(flags, with(key, '_', '-'));
  if (flag == nullptr || flag->name == "config") {
    std::vector<std::string> keys;
    for (const Flag& known : flags) {
      if (known.name != "config") keys.push_back(with(std::string(known.name), '-', '_'));
    }
    throw UsageError(place + ": unknown key " + shown(key) + workloads::did_you_mean(key, keys));
  }
  return {std::string(flag->name), trimmed(line.substr(equals + 1)), Layer::config, place + ": " + key};
}

}  // namespace

void read_arguments(Settings& settings, std::span<const Flag> flags,
                    const std::vector<std::string>& arguments) {
  for (const po::option& option : parse(flags, arguments)) {
    Given given = one_argument(flags, option);
    const Given* before = settings.find(given.flag);
    if (before != nullptr && before->layer == Layer::arguments) {
      if (!find_flag(flags, given.flag)->list) throw UsageError(given.origin + ": given twice");
      given.text = before->text + "," + given.text;
    }
    settings.add(std::move(given));
  }
}

void read_environment(Settings& settings, std::span<const Flag> flags, std::span<const Flag> known,
                      const Environment& environment) {
  // No flags: the folder of the scenarios, the file of `calibrate`.
  std::vector<std::string> names{"CROSSTALK_SCENARIOS", "CROSSTALK_CALIBRATION"};
  for (const Flag& flag : known) names.push_back(variable_of(flag.name));
  for (const auto& [name, value] : environment) {
    if (known.empty() || !name.starts_with("CROSSTALK_") || value.empty()) continue;
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      settings.note("unknown variable " + shown(name) + workloads::did_you_mean(name, names));
    }
  }
  for (const Flag& flag : flags) {
    const auto found = environment.find(variable_of(flag.name));
    if (found == environment.end() || found->second.empty()) continue;
    settings.add({std::string(flag.name), found->second, Layer::environment, found->first});
  }
}

void read_config(Settings& settings, std::span<const Flag> flags) {
  const Given* config = settings.find("config");
  if (config == nullptr) return;
  const fs::path path = config->text;
  std::ifstream file(path, std::ios::binary);
  std::error_code ignored;
  if (!file || fs::is_directory(path, ignored)) {
    throw UsageError(config->origin + ": " + shown(path.string()) + " cannot be opened");
  }
  std::set<std::string> seen;
  std::size_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (number == 1 && line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);
    const std::string place = path.string() + ":" + std::to_string(number);
    Given given = one_line(flags, line, place);
    if (given.flag.empty()) continue;
    if (!seen.insert(given.flag).second) throw UsageError(given.origin + ": stands twice");
    if (given.text.empty()) throw UsageError(given.origin + ": needs a value");
    settings.add(std::move(given));
  }
}

void take_scenario_settings(Settings& settings, const workloads::ScenarioFile& file) {
  std::set<std::string> seen;
  for (const workloads::Setting& setting : file.settings) {
    Given given{with(setting.key, '_', '-'), setting.value, Layer::scenario,
                file.path.string() + ":" + std::to_string(setting.line) + ": " + setting.key};
    if (!seen.insert(given.flag).second) throw UsageError(given.origin + ": stands twice");
    if (given.text.empty()) throw UsageError(given.origin + ": needs a value");
    settings.add(std::move(given));
  }
}

std::set<std::string> scenario_keys_of(std::span<const Flag> flags) {
  std::set<std::string> keys;
  for (const Flag& flag : flags) {
    if (!flag.in_scenario) continue;
    keys.emplace(flag.name);
    keys.insert(with(std::string(flag.name), '-', '_'));
  }
  return keys;
}

std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
  std::string result;
  std::size_t column = indent;
  for (bool first = true; !text.empty(); first = false) {
    const auto end = text.find(' ');
    const auto word = text.substr(0, end);
    if (!first && column + 1 + word.size() > width) {
      result += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (!first) {
      result += ' ';
      ++column;
    }
    result += word;
    column += word.size();
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return result;
}

std::string describe_flags(std::span<const Flag> flags) {
  constexpr std::size_t kHelpColumn = 26;
  std::string result;
  for (const Flag& flag : flags) {
    if (!flag.heading.empty()) result += (result.empty() ? "" : "\n") + std::string(flag.heading) + "\n";
    std::string left = "  --" + std::string(flag.name);
    if (!flag.value.empty()) left += " " + std::string(flag.value);
    // A name too long for its column has a line to itself.
    left += left.size() + 2 > kHelpColumn ? "\n" + std::string(kHelpColumn, ' ')
                                          : std::string(kHelpColumn - left.size(), ' ');
    result += left + wrapped(flag.help, kHelpColumn) + "\n";
  }
  return result;
}

}  // namespace crosstalk::harness
