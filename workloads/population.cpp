#include "workloads/population.h"

#include <algorithm>

namespace crosstalk::workloads {

namespace {

// How many rooms this client is in.
std::size_t room_count(const Scenario& scenario, RandomStream& random) {
  double u = random.uniform();
  for (std::size_t i = 0; i < scenario.rooms_per_client.size(); ++i) {
    if ((u -= scenario.rooms_per_client[i]) < 0) return i + 1;
  }
  return 0;
}

void draw_rooms(const Scenario& scenario, const Zipf& membership, RandomStream& random,
                std::vector<std::uint32_t>& out) {
  const std::size_t wanted = std::min<std::size_t>(room_count(scenario, random), scenario.rooms);
  const std::size_t first = out.size();
  // A popular room is often drawn twice; after many failures fewer rooms will do.
  for (std::size_t tries = 0; out.size() < first + wanted && tries < wanted * 50; ++tries) {
    const auto room = static_cast<std::uint32_t>(membership.draw(random));
    if (std::find(out.begin() + static_cast<std::ptrdiff_t>(first), out.end(), room) == out.end()) {
      out.push_back(room);
    }
  }
}

}  // namespace

Population::Population(const Scenario& scenario, std::uint64_t seed, std::uint32_t clients)
    : first_room_(std::size_t{clients} + 1),
      silent_(clients),
      rooms_(scenario.rooms),
      popularity_(scenario.rooms, scenario.room_exponent, scenario.room_offset),
      activity_(0, 0),
      states_(clients) {
  draw_homes(scenario, seed);
  fill_rooms();
  fill_tables(scenario);
}

void Population::draw_homes(const Scenario& scenario, std::uint64_t seed) {
  const Zipf membership(scenario.rooms, scenario.membership_exponent);
  for (std::uint32_t client = 0; client < clients(); ++client) {
    RandomStream random(seed, Purpose::membership, client);
    silent_[client] = random.uniform() < scenario.silent_share ? 1 : 0;
    draw_rooms(scenario, membership, random, rooms_of_);
    first_room_[client + 1] = static_cast<std::uint32_t>(rooms_of_.size());
  }
  ensure_speaker(scenario, seed, membership);
}

void Population::ensure_speaker(const Scenario& scenario, std::uint64_t seed, const Zipf& membership) {
  if (rooms_of_.empty()) {
    RandomStream random(seed, Purpose::membership, clients());  // a stream that no client has
    rooms_of_.push_back(static_cast<std::uint32_t>(membership.draw(random)));
    std::fill(first_room_.begin() + 1, first_room_.end(), 1U);
  }
  if (scenario.silent_share >= 1) return;
  std::uint32_t first_member = clients();
  for (std::uint32_t client = 0; client < clients(); ++client) {
    if (home_rooms(client).empty()) continue;
    if (silent_[client] == 0) return;
    first_member = std::min(first_member, client);
  }
  silent_[first_member] = 0;
}

void Population::fill_rooms() {
  for (std::uint32_t client = 0; client < clients(); ++client) {
    for (const std::uint32_t id : home_rooms(client)) {
      ++rooms_[id].members;
      rooms_[id].speakers += silent_[client] != 0 ? 0 : 1;
    }
  }
  std::uint32_t first = 0;
  std::vector<std::uint32_t> next_speaker;
  std::vector<std::uint32_t> next_silent;
  for (Room& room : rooms_) {
    room.first = first;
    next_speaker.push_back(first);
    next_silent.push_back(first + room.speakers);
    first += room.members;
  }
  members_.resize(first);
  for (std::uint32_t client = 0; client < clients(); ++client) {
    auto& next = silent_[client] != 0 ? next_silent : next_speaker;
    for (const std::uint32_t id : home_rooms(client)) members_[next[id]++] = client;
  }
}

void Population::fill_tables(const Scenario& scenario) {
  std::uint32_t largest = 0;
  for (std::uint32_t id = 0; id < rooms_.size(); ++id) {
    const double weight = zipf_weight(id, scenario.room_exponent, scenario.room_offset);
    if (rooms_[id].members > 0) {
      peopled_.rooms.push_back(id);
      peopled_.weights.add(weight);
    }
    if (rooms_[id].speakers > 0) {
      spoken_.rooms.push_back(id);
      spoken_.weights.add(weight);
    }
    largest = std::max(largest, rooms_[id].speakers);
  }
  activity_ = Zipf(largest, scenario.user_exponent, scenario.user_offset);
}

std::vector<Membership> Population::memberships() const {
  std::vector<Membership> result;
  result.reserve(members_.size());
  std::vector<std::uint32_t> ascending;
  for (std::uint32_t id = 0; id < rooms_.size(); ++id) {
    const Room& room = rooms_[id];
    const auto first = members_.begin() + room.first;
    // Speakers and silent members are each ascending already.
    ascending.resize(room.members);
    std::merge(first, first + room.speakers, first + room.speakers, first + room.members, ascending.begin());
    for (const std::uint32_t client : ascending) result.push_back({client, id});
  }
  return result;
}

std::span<const std::uint32_t> Population::home_rooms(std::uint32_t client) const noexcept {
  return {rooms_of_.data() + first_room_[client], rooms_of_.data() + first_room_[client + 1]};
}

bool Population::is_home_room(std::uint32_t client, std::uint32_t room) const noexcept {
  const auto rooms = home_rooms(client);
  return std::find(rooms.begin(), rooms.end(), room) != rooms.end();
}

std::uint32_t Population::draw_room(RandomStream& random) const noexcept {
  return static_cast<std::uint32_t>(popularity_.draw(random));
}

std::uint32_t Population::draw_peopled_room(RandomStream& random) const noexcept {
  return peopled_.rooms[peopled_.weights.draw(random)];
}

std::uint32_t Population::draw_spoken_room(RandomStream& random) const noexcept {
  return spoken_.rooms[spoken_.weights.draw(random)];
}

std::uint32_t Population::draw_speaker(std::uint32_t id, RandomStream& random) const noexcept {
  const Room& room = rooms_[id];
  return members_[room.first + activity_.draw_of_first(room.speakers, random)];
}

std::uint32_t Population::draw_member(std::uint32_t id, RandomStream& random) const noexcept {
  const Room& room = rooms_[id];
  return members_[room.first + random.below(room.members)];
}

void Population::set_away(std::uint32_t client, Away away, std::uint32_t room, std::uint32_t target) {
  std::vector<std::uint32_t>& list = list_of(away);
  states_[client] = {away, room, target, static_cast<std::uint32_t>(list.size())};
  list.push_back(client);
}

void Population::set_home(std::uint32_t client) {
  std::vector<std::uint32_t>& list = list_of(states_[client].away);
  const std::uint32_t place = states_[client].place;
  list[place] = list.back();
  states_[list[place]].place = place;
  list.pop_back();
  states_[client] = {};
}

}  // namespace crosstalk::workloads
