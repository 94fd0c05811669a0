// Who belongs where in a scenario, and who is away at the moment: the state a trace is generated over.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "workloads/random.h"
#include "workloads/scenario.h"
#include "workloads/trace.h"
#include "workloads/weighted.h"
#include "workloads/zipf.h"

namespace crosstalk::workloads {

// How a client differs from its home state; at most in one way at a time.
enum class Away : std::uint8_t { no, left, disconnected, moved, lost };

class Population {
 public:
  // At least one client is in a room and, unless everybody is to be silent, at least one of those in a room
  // speaks: without that, a scenario would mean nothing to a handful of clients.
  Population(const Scenario& scenario, std::uint64_t seed, std::uint32_t clients);

  [[nodiscard]] std::uint32_t clients() const noexcept {
    return static_cast<std::uint32_t>(first_room_.size() - 1);
  }
  // Home memberships, ascending by (room, client).
  [[nodiscard]] std::vector<Membership> memberships() const;

  // In the order in which they were drawn.
  [[nodiscard]] std::span<const std::uint32_t> home_rooms(std::uint32_t client) const noexcept;
  [[nodiscard]] bool is_home_room(std::uint32_t client, std::uint32_t room) const noexcept;

  // Rooms by their share of messages: any; of those with a member; of those with a speaker (if there is one).
  std::uint32_t draw_room(RandomStream& random) const noexcept;
  std::uint32_t draw_peopled_room(RandomStream& random) const noexcept;
  std::uint32_t draw_spoken_room(RandomStream& random) const noexcept;
  [[nodiscard]] bool has_speaker(std::uint32_t room) const noexcept { return rooms_[room].speakers > 0; }
  // A speaker of the room by activity; the room must have one.
  std::uint32_t draw_speaker(std::uint32_t room, RandomStream& random) const noexcept;
  // Any member of the room, silent ones included; the room must have one.
  std::uint32_t draw_member(std::uint32_t room, RandomStream& random) const noexcept;

  struct State {
    Away away = Away::no;
    std::uint32_t room = 0;    // left, or moved away from
    std::uint32_t target = 0;  // moved to
    std::uint32_t place = 0;   // in the list of those away
  };
  [[nodiscard]] const State& state(std::uint32_t client) const noexcept { return states_[client]; }
  void set_away(std::uint32_t client, Away away, std::uint32_t room, std::uint32_t target);
  void set_home(std::uint32_t client);

  // Those who left a room or ended their session, those who moved, and those whose session a herd took along.
  [[nodiscard]] const std::vector<std::uint32_t>& churned() const noexcept { return churned_; }
  [[nodiscard]] const std::vector<std::uint32_t>& moved() const noexcept { return moved_; }
  [[nodiscard]] const std::vector<std::uint32_t>& lost() const noexcept { return lost_; }

 private:
  struct Room {
    std::uint32_t first = 0;     // in members_
    std::uint32_t speakers = 0;  // the first of them
    std::uint32_t members = 0;
  };
  struct RoomTable {
    std::vector<std::uint32_t> rooms;
    Weighted weights;
  };

  void draw_homes(const Scenario& scenario, std::uint64_t seed);
  void ensure_speaker(const Scenario& scenario, std::uint64_t seed, const Zipf& membership);
  void fill_rooms();
  void fill_tables(const Scenario& scenario);
  [[nodiscard]] std::vector<std::uint32_t>& list_of(Away away) noexcept {
    if (away == Away::lost) return lost_;
    return away == Away::moved ? moved_ : churned_;
  }

  std::vector<std::uint32_t> first_room_;  // of client c: rooms_of_[first_room_[c] .. first_room_[c + 1])
  std::vector<std::uint32_t> rooms_of_;
  std::vector<std::uint8_t> silent_;
  std::vector<Room> rooms_;
  std::vector<std::uint32_t> members_;
  Zipf popularity_;
  RoomTable peopled_;
  RoomTable spoken_;
  Zipf activity_;  // one table serves every room: ranks 0, 1, 2, ...
  std::vector<State> states_;
  std::vector<std::uint32_t> churned_;
  std::vector<std::uint32_t> moved_;
  std::vector<std::uint32_t> lost_;
};

}  // namespace crosstalk::workloads
