// A scenario: what a population of chat clients is like. Data, not code: an .ini file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/input_error.h"

namespace crosstalk::workloads {

enum class LengthLaw : std::uint8_t { constant, weibull, lognormal };

struct Scenario {
  std::string name;
  std::string description;

  std::uint32_t rooms = 150;
  double room_exponent = 1.17;  // messages per room by rank: Zipf-Mandelbrot
  double room_offset = 0;
  double membership_exponent = 1.305;                      // members per room by rank
  std::vector<double> rooms_per_client{0.88, 0.09, 0.03};  // share of clients in 1, 2, 3, ... rooms
  double user_exponent = 1.37;                             // messages per user by rank within the room
  double user_offset = 80;
  double silent_share = 0.8;  // clients that read and never write

  LengthLaw length_law = LengthLaw::weibull;
  double length_a = 1.10;  // weibull: shape k; lognormal: mu; constant: bytes
  double length_b = 55.4;  // weibull: scale; lognormal: sigma
  std::uint32_t length_cap = 450;

  // Operations per post.
  double post = 1;
  double churn = 0.42;            // joins and leaves together, half each
  double disconnect_share = 0.1;  // of the churn: whole sessions end and come back
  double kick_share = 0;          // of the leaves: another member has the client removed
  double move = 0;
  double direct = 0;
  double history = 0;
  double who = 0;
  double presence = 0;
  double mark = 0;
  double upload = 0;
  double away_share = 0.02;  // clients away at a time, at most (but one for each cause)

  // Once a lap these sessions are lost, one after the other, and come back; see workloads::Herd.
  double herd_share = 0;  // of the clients
  double herd_gone = 0;   // of the lap's time: from the first loss to the last
  double herd_away = 0;   // from then to the first return
  double herd_back = 0;   // from then to the last return

  std::uint32_t history_messages = 50;
  std::uint32_t upload_bytes = 64 * 1024;
  std::uint32_t lap_operations = 1U << 19;

  // Arrivals under the hawkes law; see workloads::HawkesLaw. In seconds of real chat.
  double hawkes_branching = 0.86;
  double hawkes_decay_s = 83;
  double hawkes_slow_sd = 0;
  double hawkes_rate = 0.38;  // operations a second in all rooms: what is 1 on the scale of time

  // What goes wrong on purpose; see workloads::Fault.
  double fault_throw = 0;  // share of the operations
  double fault_busy = 0;   // share of the operations
  double fault_leak = 0;   // of the disconnects: never sent, so that the session stays behind
};

// A line of the file that belongs to somebody else: the program's own flags.
struct Setting {
  std::string key;
  std::string value;
  std::size_t line = 0;
};

struct ScenarioFile {
  Scenario scenario;
  std::filesystem::path path;
  std::vector<Setting> settings;
};

struct ScenarioKey {
  std::string_view name;
  std::string_view help;
};
[[nodiscard]] std::vector<ScenarioKey> scenario_keys();

// Reads a scenario. Keys in `program_keys` are returned as settings; any other key that a scenario does not
// know, and any value out of bounds, throws InputError with file, line, key, bound and value.
[[nodiscard]] ScenarioFile load_scenario(const std::filesystem::path& path,
                                         const std::set<std::string>& program_keys);

// Sets keys as a file would, from "rooms=64,churn=0.1"; a part without '=' goes on with the value before it, as in
// "rooms_per_client=0.9,0.1". Throws InputError with key, bound and value. What no single key can say is left to validate().
void set_keys(Scenario& scenario, std::string_view settings);

// Checks what no single key can: throws InputError.
void validate(const Scenario& scenario);

// A path if it contains '/' or ends in .ini; else NAME.ini in $CROSSTALK_SCENARIOS,
// ../share/crosstalk/scenarios beside the program, the source or the install folder. Throws InputError with
// the names there are.
[[nodiscard]] std::filesystem::path find_scenario(const std::string& name_or_path);
[[nodiscard]] std::vector<std::string> scenario_names();

}  // namespace crosstalk::workloads
