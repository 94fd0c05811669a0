// A replay string: which case of which component, with which seed, from which round on, of how many threads and operations.
// "lock/ticket:stress:17:3:4:120"; 0 threads or operations: as the seed says.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace crosstalk::harness::verify {

struct Replay {
  std::string component;
  std::string one_case;
  std::uint64_t seed = 1;
  std::uint64_t round = 0;
  std::uint64_t threads = 0;
  std::uint64_t operations = 0;
};

[[nodiscard]] std::string replay_text(const Replay& replay);
// Throws ValueError.
[[nodiscard]] Replay parse_replay(std::string_view text);

}  // namespace crosstalk::harness::verify
