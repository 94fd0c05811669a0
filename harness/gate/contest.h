// What is gated: a scenario, and the server and the path under it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crosstalk::harness::gate {

struct Contest {
  std::string name;      // in tables and files: "solo_team", "team sharded/ticket"
  std::string scenario;  // as --scenario of run takes it: a name or a file
  std::string strategy;
  unsigned threads = 1;  // drivers
  std::string path = "direct";
  std::optional<unsigned> clients{};  // empty: as many as the scenario says
  std::string models{};               // what it stands for, a line

  // Nobody waits for anybody else here: its instructions can be counted, and its wall clock is quiet.
  [[nodiscard]] bool is_solo() const noexcept { return threads == 1 && path == "direct"; }
  // Threads that want a processor each.
  [[nodiscard]] unsigned processors() const noexcept { return threads + (path == "pooled" ? 1 : 0); }
};

// The six that are gated where nobody says otherwise. Three have one driver: their pairs differ by a per cent or two, so they
// carry the verdict; the other three show what only contention shows, and differ by much more.
[[nodiscard]] const std::vector<Contest>& gating_contests();

// Null: there is none of this name.
[[nodiscard]] const Contest* gating_contest(std::string_view name);

// What `run` is told to make the plan or the trial of it: --scenario, --strategy, ... A closed loop.
[[nodiscard]] std::vector<std::string> flags_of(const Contest& contest);

}  // namespace crosstalk::harness::gate
