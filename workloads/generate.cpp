#include "workloads/generate.h"

#include <algorithm>
#include <optional>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "workloads/conversations.h"
#include "workloads/hawkes.h"
#include "workloads/herd.h"
#include "workloads/instants.h"
#include "workloads/lengths.h"
#include "workloads/population.h"
#include "workloads/random.h"
#include "workloads/weighted.h"

namespace crosstalk::workloads {

namespace {

constexpr double kRateMin = 0.001;
constexpr double kRateMax = 1e9;
// Clients that happen to be away already, rooms that the client is already in: drawn again so many times.
constexpr int kRedraws = 64;
// A scenario may ask for what its clients cannot do, as moves where everybody is everywhere: then it ends.
constexpr int kIdleStepsMax = 10'000;
// Where a herd has taken all who could do something, the lap goes on with its next turn.
constexpr int kIdleStepsOfHerd = 100;
// A conversation whose members a herd has taken goes on elsewhere.
constexpr int kRedrawsInRoom = 8;

class Generator {
 public:
  // The events of a hawkes law, or none.
  Generator(const Scenario& scenario, std::uint64_t seed, std::uint32_t clients,
            std::span<const HawkesEvent> events)
      : scenario_(scenario),
        population_(scenario, seed, clients),
        operations_(seed, Purpose::operations),
        lengths_(scenario, seed),
        faults_(seed, Purpose::faults),
        sequences_(clients),
        conversations_(events),
        herd_(scenario, seed, population_) {
    const double moves = scenario.rooms > 1 ? scenario.move : 0;
    for (const double weight :
         {scenario.post, scenario.churn, moves, clients > 1 ? scenario.direct : 0.0, scenario.history,
          scenario.who, scenario.presence, scenario.mark, scenario.upload}) {
      kinds_.add(weight);
    }
    if (scenario.churn + moves <= 0) return;
    const double away = scenario.away_share * clients;
    const auto limit = [&](double weight) {
      return std::max<std::size_t>(1, static_cast<std::size_t>(away * weight / (scenario.churn + moves)));
    };
    churn_.limit = limit(scenario.churn);
    move_.limit = limit(moves);
  }

  Trace run() {
    trace_.clients = population_.clients();
    trace_.rooms = scenario_.rooms;
    trace_.members = population_.memberships();
    trace_.connected.reserve(trace_.clients);
    for (std::uint32_t client = 0; client < trace_.clients; ++client) trace_.connected.push_back(client);
    trace_.ops.reserve(scenario_.lap_operations);
    if (kinds_.sum() > 0) fill();
    while (anybody_away()) come_back(last_away());
    return std::move(trace_);
  }
  [[nodiscard]] std::span<const LapKnot> knots() const noexcept { return herd_.knots(); }

 private:
  // Comings and goings of one cause.
  struct Traffic {
    std::size_t limit = 0;  // clients away at a time
    std::uint64_t owed =
        0;  // returns that another operation needed: the next events of this cause are done already
  };

  // The lap is full when what is left of it is needed to bring everybody home. From twice that on, every
  // other step brings somebody home: a herd at the end of every lap would be no part of the scenario.
  void fill() {
    int idle = 0;
    bool closing = false;
    bool turn = false;
    while (trace_.ops.size() + return_cost_ + herd_.owed() < scenario_.lap_operations &&
           idle < kIdleStepsMax) {
      if (advance_herd()) continue;
      const std::size_t left = scenario_.lap_operations - trace_.ops.size() - herd_.owed();
      closing = anybody_churned() && (closing || left <= 2 * return_cost_);
      turn = !turn;
      bool done = true;
      if (closing && turn) {
        come_back(last_away());
      } else {
        done = step(closing);
      }
      idle = done ? 0 : idle + 1;
      if (idle >= kIdleStepsOfHerd && herd_.skip()) idle = 0;
    }
  }

  // Returns whether somebody of the herd had a turn.
  bool advance_herd() {
    const Herd::Turn turn = herd_.turn(trace_.ops.size());
    if (turn == Herd::Turn::returns) come_back(herd_.take_returning());
    if (turn == Herd::Turn::goes) lose(herd_.take_going());
    return turn != Herd::Turn::nobody;
  }

  void lose(std::uint32_t client) {
    const Away away = population_.state(client).away;
    if (away == Away::disconnected) return herd_.spared(2 + population_.home_rooms(client).size());
    if (away != Away::no) {
      population_.set_home(client);
      --return_cost_;
    }
    emit(OpKind::disconnect, client, 0);
    population_.set_away(client, Away::lost, 0, 0);
    herd_.made(1);
    herd_.add_gone(client);
  }

  // Returns whether anything came of it.
  bool step(bool closing) {
    switch (kinds_.draw(operations_)) {
      case 0:
        return post();
      case 1:
        return churn(closing);
      case 2:
        return move(closing);
      case 3:
        return direct();
      case 4:
        return read(OpKind::history, scenario_.history_messages);
      case 5:
        return read(OpKind::who, 0);
      case 6:
        return presence();
      case 7:
        return read(OpKind::mark, 0);
      default:
        return read(OpKind::upload, 0, scenario_.upload_bytes);
    }
  }

  void emit(OpKind kind, std::uint32_t client, std::uint32_t room, std::uint32_t target = 0,
            std::uint32_t bytes = 0) {
    const std::uint32_t sequence = sequences_[client]++;
    trace_.ops.push_back({0, client, room, target, bytes, sequence, kind, fault()});
  }

  // A stream of their own: the operations are the same with and without faults.
  Fault fault() {
    if (scenario_.fault_throw + scenario_.fault_busy <= 0) return Fault::none;
    const double drawn = faults_.uniform();
    if (drawn < scenario_.fault_throw) return Fault::thrown;
    return drawn < scenario_.fault_throw + scenario_.fault_busy ? Fault::busy : Fault::none;
  }
  bool is_leaked(OpKind kind) {
    return kind == OpKind::disconnect && scenario_.fault_leak > 0 && faults_.uniform() < scenario_.fault_leak;
  }

  // Where something is said or looked at now: where the conversation is, if arrivals are conversations. People
  // come and go on their own: measured joins are nearly Poisson where messages are not (STATS.md, 3.2).
  std::uint32_t spoken_room() {
    if (conversations_.empty()) return population_.draw_spoken_room(operations_);
    std::uint32_t& room = conversations_.room_at(trace_.ops.size());
    if (room == Conversations::kRoomUnknown || !population_.has_speaker(room))
      room = population_.draw_spoken_room(operations_);
    return room;
  }
  std::uint32_t peopled_room() {
    if (conversations_.empty()) return population_.draw_peopled_room(operations_);
    std::uint32_t& room = conversations_.room_at(trace_.ops.size());
    if (room == Conversations::kRoomUnknown) room = population_.draw_peopled_room(operations_);
    return room;
  }

  // Who does something in which room. Nobody whom a herd has taken.
  struct Seat {
    std::uint32_t room = 0;
    std::uint32_t client = 0;
  };
  template <class Room, class Client>
  std::optional<Seat> draw_seat(Room&& draw_room, Client&& draw_client) {
    for (int tries = 0; tries < kRedraws; ++tries) {
      const std::uint32_t room = draw_room();
      const std::uint32_t client = draw_client(room);
      if (!is_lost(client)) return Seat{room, client};
      if (tries >= kRedrawsInRoom) conversations_.move_on(trace_.ops.size());
    }
    return {};
  }
  std::optional<Seat> draw_speaker() {
    return draw_seat([&] { return spoken_room(); },
                     [&](std::uint32_t room) { return population_.draw_speaker(room, operations_); });
  }
  std::optional<Seat> draw_member() {
    return draw_seat([&] { return peopled_room(); },
                     [&](std::uint32_t room) { return population_.draw_member(room, operations_); });
  }
  [[nodiscard]] bool is_lost(std::uint32_t client) const noexcept {
    return population_.state(client).away == Away::lost;
  }

  bool post() {
    const auto seat = draw_speaker();
    if (!seat) return false;
    be_in(seat->client, seat->room);
    emit(OpKind::post, seat->client, seat->room, 0, lengths_.draw());
    return true;
  }

  bool direct() {
    const auto seat = draw_speaker();
    if (!seat) return false;
    for (int tries = 0; tries < kRedraws; ++tries) {
      auto target = static_cast<std::uint32_t>(operations_.below(trace_.clients - 1));
      if (target >= seat->client) ++target;
      if (is_lost(target)) continue;
      be_online(seat->client);
      be_online(target);
      emit(OpKind::direct, seat->client, 0, target, lengths_.draw());
      return true;
    }
    return false;
  }

  // What a member does with a room and is not told to others.
  bool read(OpKind kind, std::uint32_t target, std::uint32_t bytes = 0) {
    const auto seat = draw_member();
    if (!seat) return false;
    be_in(seat->client, seat->room);
    emit(kind, seat->client, seat->room, target, bytes);
    return true;
  }

  bool presence() {
    const auto seat = draw_member();
    if (!seat) return false;
    be_online(seat->client);
    emit(OpKind::presence, seat->client, 0, static_cast<std::uint32_t>(operations_.below(trace_.clients)));
    return true;
  }

  // Somebody leaves while few are away, else somebody comes back: joins and leaves balance.
  bool churn(bool closing) {
    if (churn_.owed > 0) {
      --churn_.owed;
      return true;
    }
    const auto& away = population_.churned();
    if (closing || away.size() >= churn_.limit) return come_back_one_of(away);
    for (int tries = 0; tries < kRedraws; ++tries) {
      const std::uint32_t room = population_.draw_peopled_room(operations_);
      const std::uint32_t client = population_.draw_member(room, operations_);
      if (population_.state(client).away != Away::no) continue;
      if (operations_.uniform() < scenario_.disconnect_share) {
        return go_away(OpKind::disconnect, Away::disconnected, client, 0, 0);
      }
      return leave(client, room);
    }
    return false;
  }

  bool leave(std::uint32_t client, std::uint32_t room) {
    if (scenario_.kick_share > 0 && operations_.uniform() < scenario_.kick_share) {
      const std::uint32_t moderator = population_.draw_member(room, operations_);
      if (!is_lost(moderator)) be_in(moderator, room);
      // Alone in the room, or brought back into it just now with the last operations that the lap had left.
      if (moderator != client && !is_lost(moderator))
        return go_away(OpKind::kick, Away::left, client, room, moderator);
    }
    return go_away(OpKind::leave, Away::left, client, room, 0);
  }

  bool move(bool closing) {
    if (move_.owed > 0) {
      --move_.owed;
      return true;
    }
    const auto& away = population_.moved();
    if (closing || away.size() >= move_.limit) return come_back_one_of(away);
    for (int tries = 0; tries < kRedraws; ++tries) {
      const std::uint32_t room = population_.draw_peopled_room(operations_);
      const std::uint32_t client = population_.draw_member(room, operations_);
      const std::uint32_t target = population_.draw_room(operations_);
      if (population_.state(client).away != Away::no || population_.is_home_room(client, target)) continue;
      return go_away(OpKind::move, Away::moved, client, room, target);
    }
    return false;
  }

  bool go_away(OpKind kind, Away away, std::uint32_t client, std::uint32_t room, std::uint32_t target) {
    const std::size_t cost = away == Away::disconnected ? 1 + population_.home_rooms(client).size() : 1;
    if (trace_.ops.size() + 1 + return_cost_ + herd_.owed() + cost > scenario_.lap_operations) return false;
    if (!is_leaked(kind)) emit(kind, client, room, target);
    population_.set_away(client, away, room, target);
    return_cost_ += cost;
    return true;
  }

  // The room is one of the client's home rooms.
  void be_in(std::uint32_t client, std::uint32_t room) {
    const Population::State& state = population_.state(client);
    const bool missing = (state.away == Away::left || state.away == Away::moved) && state.room == room;
    if (missing || state.away == Away::disconnected) come_back_on_demand(client);
  }
  void be_online(std::uint32_t client) {
    if (population_.state(client).away == Away::disconnected) come_back_on_demand(client);
  }
  void come_back_on_demand(std::uint32_t client) {
    ++(population_.state(client).away == Away::moved ? move_ : churn_).owed;
    come_back(client);
  }

  bool come_back_one_of(const std::vector<std::uint32_t>& away) {
    if (away.empty()) return false;
    come_back(away[operations_.below(away.size())]);
    return true;
  }

  void come_back(std::uint32_t client) {
    const Population::State state = population_.state(client);
    const std::size_t before = trace_.ops.size();
    population_.set_home(client);
    if (state.away == Away::left) emit(OpKind::join, client, state.room);
    if (state.away == Away::moved) emit(OpKind::move, client, state.target, state.room);
    if (state.away == Away::disconnected || state.away == Away::lost) {
      emit(OpKind::connect, client, 0);
      for (const std::uint32_t room : population_.home_rooms(client)) emit(OpKind::join, client, room);
    }
    const std::size_t made = trace_.ops.size() - before;
    if (state.away == Away::lost) return herd_.made(made);
    return_cost_ -= made;
  }

  [[nodiscard]] bool anybody_churned() const noexcept {
    return !population_.churned().empty() || !population_.moved().empty();
  }
  [[nodiscard]] bool anybody_away() const noexcept {
    return anybody_churned() || !population_.lost().empty();
  }
  [[nodiscard]] std::uint32_t last_away() const noexcept {
    if (!population_.churned().empty()) return population_.churned().back();
    return population_.moved().empty() ? population_.lost().back() : population_.moved().back();
  }

  const Scenario& scenario_;
  Population population_;
  RandomStream operations_;
  Lengths lengths_;
  RandomStream faults_;
  std::vector<std::uint32_t> sequences_;
  Conversations conversations_;
  Herd herd_;
  Weighted kinds_;
  Traffic churn_;
  Traffic move_;
  std::size_t return_cost_ = 0;  // operations it takes to bring everybody home
  Trace trace_;
};

void check_rate(const Arrival& arrival) {
  if (arrival.law == ArrivalLaw::closed) return;
  if (arrival.rate_ops_s >= kRateMin && arrival.rate_ops_s <= kRateMax) return;
  std::ostringstream message;
  message << "rate: must be between 0.001 and 1e9 operations a second, got " << arrival.rate_ops_s;
  throw InputError(message.str());
}

}  // namespace

Trace make_trace(const Scenario& scenario, std::uint64_t seed, std::uint32_t clients,
                 const Arrival& arrival) {
  if (clients == 0) throw InputError("clients: must be at least 1, got 0");
  check_rate(arrival);
  validate(scenario);
  std::vector<HawkesEvent> events;
  if (arrival.law == ArrivalLaw::hawkes) events = make_events(scenario, seed);
  Generator generator(scenario, seed, clients, events);
  Trace trace = generator.run();
  if (trace.ops.empty()) {
    throw InputError("scenario '" + scenario.name + "' has no operation that " + std::to_string(clients) +
                     " clients can do; raise --clients");
  }
  set_instants(trace, scenario, seed, arrival, events, generator.knots());
  order_within_instants(trace.ops);
  trace.hash = hash_of(trace);
  return trace;
}

}  // namespace crosstalk::workloads
