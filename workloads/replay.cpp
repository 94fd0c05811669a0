#include "workloads/replay.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <sstream>
#include <unordered_set>
#include <utility>

#include "workloads/occupancy.h"
#include "workloads/random.h"

namespace crosstalk::workloads {

namespace {

constexpr double kTimeScaleMin = 0.001;
constexpr double kTimeScaleMax = 1e9;
constexpr double kLurkersMax = 10'000;
constexpr std::uint64_t kClientsMax = 10'000'000;

// Pairs of a client and a room.
class Pairs {
 public:
  // Returns whether the pair is new.
  bool add(std::uint32_t client, std::uint32_t room) {
    return seen_.insert(std::uint64_t{client} << 32 | room).second;
  }

 private:
  std::unordered_set<std::uint64_t> seen_;
};

class Replay {
 public:
  Replay(const TraceRows& rows, double time_scale)
      : rows_(rows),
        occupancy_(static_cast<std::uint32_t>(rows.users.size()),
                   static_cast<std::uint32_t>(rows.rooms.size())),
        users_(rows.users.size()) {
    trace_.clients = static_cast<std::uint32_t>(rows.users.size());
    trace_.rooms = std::max(1U, static_cast<std::uint32_t>(rows.rooms.size()));
    trace_.repeats = false;
    trace_.time_scale = time_scale;
  }

  Trace run() {
    for (const TraceRow& row : rows_.rows) {
      intended_ns_ = static_cast<double>(row.time_ns - rows_.rows.front().time_ns) / trace_.time_scale;
      begin(row.user, row.event);
      play(row);
    }
    for (std::uint32_t user = 0; user < users_.size(); ++user) {
      if (!users_[user].acted) trace_.connected.push_back(user);
    }
    std::sort(trace_.connected.begin(), trace_.connected.end());
    std::sort(trace_.members.begin(), trace_.members.end(), [](const Membership& a, const Membership& b) {
      return std::pair(a.room, a.client) < std::pair(b.room, b.client);
    });
    order_within_instants(trace_.ops);
    return std::move(trace_);
  }

 private:
  struct User {
    bool acted = false;          // has had an event
    bool from_start = false;     // is still in a session that was there from the start
    std::uint32_t sequence = 0;  // of the next operation
  };

  // The user's first event decides whether the session was there before.
  void begin(std::uint32_t user, TraceEvent event) {
    if (std::exchange(users_[user].acted, true) || event == TraceEvent::connect) return;
    users_[user].from_start = true;
    occupancy_.connect(user);
    trace_.connected.push_back(user);
  }

  void play(const TraceRow& row) {
    switch (row.event) {
      case TraceEvent::present:
        if (row.room != kNoRoom) find_member(row.user, row.room);
        break;
      case TraceEvent::connect:
        connect(row.user);
        break;
      case TraceEvent::disconnect:
        disconnect(row.user);
        break;
      case TraceEvent::join:
        pairs_.add(row.user, row.room);
        join(row.user, row.room);
        break;
      case TraceEvent::leave:
        find_member(row.user, row.room);
        leave(row.user, row.room);
        break;
      case TraceEvent::move:
        find_member(row.user, row.room);
        pairs_.add(row.user, row.target);
        move(row.user, row.room, row.target);
        break;
      case TraceEvent::message:
        find_member(row.user, row.room);
        message(OpKind::post, row);
        break;
      case TraceEvent::upload:
        find_member(row.user, row.room);
        message(OpKind::upload, row);
        break;
      case TraceEvent::history:
        find_member(row.user, row.room);
        request(OpKind::history, row);
        break;
      case TraceEvent::who:
        find_member(row.user, row.room);
        request(OpKind::who, row);
        break;
      case TraceEvent::mark:
        find_member(row.user, row.room);
        request(OpKind::mark, row);
        break;
      case TraceEvent::direct:
        request(OpKind::direct, row);
        break;
      case TraceEvent::presence:
        request(OpKind::presence, row);
        break;
    }
  }

  // Somebody seen in a room for the first time, without having joined it, was there from the start. After a
  // disconnect that would say nothing: it ends memberships, so the join is what is missing.
  void find_member(std::uint32_t user, std::uint32_t room) {
    if (!pairs_.add(user, room) || !users_[user].from_start) return;
    occupancy_.join(user, room);
    trace_.members.push_back({user, room});
  }

  void emit(OpKind kind, std::uint32_t user, std::uint32_t room, std::uint32_t target = 0,
            std::uint32_t bytes = 0) {
    trace_.ops.push_back({intended_ns_, user, room, target, bytes, users_[user].sequence++, kind});
  }

  void ensure_session(std::uint32_t user) {
    if (!occupancy_.connect(user)) return;
    ++trace_.notes.implied_connects;
    emit(OpKind::connect, user, 0);
  }

  void connect(std::uint32_t user) {
    if (occupancy_.connect(user)) {
      emit(OpKind::connect, user, 0);
    } else {
      ++trace_.notes.repeated_connects;
    }
  }

  void disconnect(std::uint32_t user) {
    users_[user].from_start = false;
    if (occupancy_.disconnect(user)) {
      emit(OpKind::disconnect, user, 0);
    } else {
      ++trace_.notes.absent_disconnects;
    }
  }

  void join(std::uint32_t user, std::uint32_t room) {
    if (occupancy_.is_member(user, room)) {
      ++trace_.notes.repeated_joins;
      return;
    }
    ensure_session(user);
    occupancy_.join(user, room);
    emit(OpKind::join, user, room);
  }

  void leave(std::uint32_t user, std::uint32_t room) {
    if (occupancy_.leave(user, room)) {
      emit(OpKind::leave, user, room);
    } else {
      ++trace_.notes.absent_leaves;
    }
  }

  void move(std::uint32_t user, std::uint32_t room, std::uint32_t target) {
    if (occupancy_.move(user, room, target)) {
      emit(OpKind::move, user, room, target);
      return;
    }
    if (room == target) {
      ++trace_.notes.repeated_joins;
      return;
    }
    // One half has nothing to do, or both; these two count it.
    leave(user, room);
    join(user, target);
  }

  void message(OpKind kind, const TraceRow& row) {
    if (!occupancy_.is_member(row.user, row.room)) {
      ++trace_.notes.implied_joins;
      join(row.user, row.room);
    }
    emit(kind, row.user, row.room, 0, row.bytes);
  }

  void request(OpKind kind, const TraceRow& row) {
    ensure_session(row.user);
    const bool body = kind == OpKind::direct;
    emit(kind, row.user, row.room == kNoRoom ? 0 : row.room, row.target, body ? row.bytes : 0);
  }

  const TraceRows& rows_;
  Occupancy occupancy_;
  std::vector<User> users_;
  Pairs pairs_;  // seen so far
  double intended_ns_ = 0;
  Trace trace_;
};

std::string number(double value) {
  std::ostringstream text;
  text << value;
  return text.str();
}

double time_scale_of(const TraceRows& rows, const ReplayOptions& options) {
  if (options.time_scale != 0) {
    if (options.time_scale >= kTimeScaleMin && options.time_scale <= kTimeScaleMax) return options.time_scale;
    throw InputError("time_scale: must be between 0.001 and 1e9, got " + number(options.time_scale));
  }
  if (!(options.duration_ns > 0)) {
    throw InputError("duration: must be above 0 to fit a trace into it, got " +
                     number(options.duration_ns / 1e9) + " s");
  }
  const auto span_ns = static_cast<double>(rows.rows.back().time_ns - rows.rows.front().time_ns);
  const double scale = span_ns / options.duration_ns;
  if (scale > kTimeScaleMax) {
    throw InputError("duration: " + number(options.duration_ns / 1e9) +
                     " s is too short for the trace: its time scale" + " must be at most 1e9, got " +
                     number(scale));
  }
  return std::max(scale, kTimeScaleMin);
}

// How many different users write in each room.
std::vector<std::uint64_t> speakers_of(const TraceRows& rows) {
  std::vector<std::uint64_t> result(rows.rooms.size());
  Pairs speakers;
  for (const TraceRow& row : rows.rows) {
    if (row.event == TraceEvent::message && speakers.add(row.user, row.room)) ++result[row.room];
  }
  return result;
}

// Adds up shares in a random order of the rooms and rounds the sums: the total is rounded once, and no room
// is preferred.
void add_lurkers(Trace& trace, const TraceRows& rows, const ReplayOptions& options) {
  if (!(options.lurkers >= 0 && options.lurkers <= kLurkersMax)) {
    throw InputError("lurkers: must be between 0 and 10000, got " + number(options.lurkers));
  }
  const std::vector<std::uint64_t> speakers = speakers_of(rows);
  const auto all = std::accumulate(speakers.begin(), speakers.end(), std::uint64_t{0});
  const auto total = static_cast<std::uint64_t>(std::llround(options.lurkers * static_cast<double>(all)));
  if (total > 0 && trace.clients + total > kClientsMax) {
    throw InputError("lurkers: " + number(options.lurkers) + " makes " +
                     std::to_string(trace.clients + total) + " clients; at most " +
                     std::to_string(kClientsMax));
  }
  std::vector<std::uint32_t> order(speakers.size());
  std::iota(order.begin(), order.end(), 0U);
  RandomStream random(options.seed, Purpose::lurkers);
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
  std::vector<std::uint64_t> lurkers(speakers.size());
  std::uint64_t speakers_so_far = 0;
  std::uint64_t lurkers_so_far = 0;
  for (const std::uint32_t room : order) {
    speakers_so_far += speakers[room];
    const auto target =
        static_cast<std::uint64_t>(std::llround(options.lurkers * static_cast<double>(speakers_so_far)));
    lurkers[room] = target - std::exchange(lurkers_so_far, target);
  }
  std::vector<Membership> members;
  members.reserve(trace.members.size() + total);
  auto member = trace.members.begin();
  for (std::uint32_t room = 0; room < lurkers.size(); ++room) {
    while (member != trace.members.end() && member->room == room) members.push_back(*member++);
    for (std::uint64_t i = 0; i < lurkers[room]; ++i) {
      members.push_back({trace.clients, room});
      trace.connected.push_back(trace.clients++);
    }
  }
  trace.members = std::move(members);
  trace.notes.lurkers = total;
}

}  // namespace

Trace make_replay(const TraceRows& rows, const ReplayOptions& options) {
  if (rows.rows.empty()) throw InputError(rows.file + ": no rows");
  Trace trace = Replay(rows, time_scale_of(rows, options)).run();
  if (trace.ops.empty()) throw InputError(rows.file + ": no row leads to an operation");
  add_lurkers(trace, rows, options);
  trace.lap_ns = std::max(1.0, trace.ops.back().intended_ns);
  trace.hash = hash_of(trace);
  return trace;
}

}  // namespace crosstalk::workloads
