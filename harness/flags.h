// The flags of a command as one table, which drives parsing, --help and the keys of .ini files alike.
//
// A flag --queue-policy is queue_policy (or queue-policy) in a file and CROSSTALK_QUEUE_POLICY in the
// environment.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/settings.h"
#include "workloads/scenario.h"

namespace crosstalk::harness {

struct Flag {
  std::string_view name;   // without the dashes
  std::string_view value;  // what --help calls its value; empty: a switch
  std::string_view help;
  bool list = false;           // may be given again on the command line: the values add up
  bool shapes_plan = false;    // says what is measured, and so contradicts a plan that is made already
  bool in_scenario = false;    // may stand in a scenario file
  std::string_view heading{};  // --help begins a new group with this
};

// Names and values of the environment's variables.
using Environment = std::map<std::string, std::string>;

// All functions throw UsageError.

// Flags are `--name value`, `--name=value`, or `--name` for a switch; anything else is refused.
void read_arguments(Settings& settings, std::span<const Flag> flags,
                    const std::vector<std::string>& arguments);
// A variable that is empty counts as not set. A CROSSTALK_ variable that is none of the flags `known` is a
// note, unless that list is empty; `flags` are those that this command takes from the environment.
void read_environment(Settings& settings, std::span<const Flag> flags, std::span<const Flag> known,
                      const Environment& environment);
// The .ini of flags that --config names: `key = value`, '#' begins a comment.
void read_config(Settings& settings, std::span<const Flag> flags);
// What a scenario file says for the program.
void take_scenario_settings(Settings& settings, const workloads::ScenarioFile& file);

// Both spellings of every flag that may stand in a scenario file.
[[nodiscard]] std::set<std::string> scenario_keys_of(std::span<const Flag> flags);

// The flags with their help, in 80 columns.
[[nodiscard]] std::string describe_flags(std::span<const Flag> flags);
// Lines of at most `width` characters, broken at blanks, all but the first indented.
[[nodiscard]] std::string wrapped(std::string_view text, std::size_t indent, std::size_t width = 80);

}  // namespace crosstalk::harness
