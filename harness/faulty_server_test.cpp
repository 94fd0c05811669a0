// Servers that go wrong once. Every fault must be caught, by the laws or by the reference server, on every path; the
// same server without a fault must pass.
#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include <sched.h>

#include "harness/child.h"
#include "harness/reference_check.h"
#include "harness/trial_test_help.h"
#include "pool/chat/coarse_server.h"
#include "pool/stress_rounds.h"

namespace crosstalk::harness {
namespace {

using pool::Delivery;
using pool::Outcome;

enum class Fault : std::uint8_t {
  none,
  drop,          // a delivery is not handed out
  twice,         // one is handed out twice
  swap,          // two of one sender are handed out in the wrong order
  skip_member,   // a post leaves out one member and does not say so
  after_leave,   // a post reaches a client that has left
  lost_leave,    // a client that leaves stays a member
  same_number,   // a post has the number of the post before it
  damage,        // a byte of a body is another one
  wrong_client,  // a direct message goes to somebody else
};

// What goes wrong in the next server, once, at the first occasion after `after` of them.
struct Plan {
  Fault fault = Fault::none;
  std::int64_t after = 0;
};
Plan plan;
std::atomic<bool> happened{false};

// A coarse server with the planned fault. Calls run together as ever; the one that goes wrong has the server to itself.
class FaultyServer {
 public:
  using Inner = pool::CoarseServer<std::mutex, LiveProbe>;
  using Caller = pool::Caller;
  using Client = pool::ClientId;
  using Room = pool::RoomId;

  explicit FaultyServer(const pool::ServerOptions& options)
      : inner_(options), clients_(options.clients), fault_(plan.fault), left_(plan.after) {
    happened = false;
  }

  Caller make_caller() { return inner_.make_caller(); }

  Outcome connect(Caller& caller, Client client) { return changing(client, [&] { return inner_.connect(caller, client); }); }
  Outcome disconnect(Caller& caller, Client client) {
    return changing(client, [&] { return inner_.disconnect(caller, client); });
  }
  Outcome join(Caller& caller, Client client, Room room) {
    return changing(client, [&] { return inner_.join(caller, client, room); });
  }
  Outcome move(Caller& caller, Client client, Room from, Room to) {
    return changing(client, [&] { return inner_.move(caller, client, from, to); });
  }

  Outcome leave(Caller& caller, Client client, Room room) {
    if (!pending(Fault::lost_leave) && !pending(Fault::after_leave)) {
      return shared([&] { return inner_.leave(caller, client, room); });
    }
    const std::unique_lock gate(gate_);
    const Outcome outcome = inner_.leave(caller, client, room);
    if (outcome != Outcome::ok || !due(1)) return outcome;
    if (pending(Fault::lost_leave)) {
      inner_.join(caller, client, room);
      happened = true;
    } else {
      ghost_ = Ghost{client, room};
    }
    return outcome;
  }

  template <class Hook>
  pool::PostResult post(Caller& caller, Client client, Room room, std::uint64_t tag, std::uint32_t bytes, Hook&& hook) {
    const auto send = [&] { return inner_.post(caller, client, room, tag, bytes, hook); };
    if (!pending(Fault::skip_member) && !pending(Fault::after_leave) && !pending(Fault::same_number)) {
      return shared([&] { return send(); });
    }
    const std::unique_lock gate(gate_);
    if (pending(Fault::skip_member)) return skipping_one(caller, client, room, send);
    if (pending(Fault::same_number)) return numbered_alike(caller, client, room, send());
    return reaching_the_ghost(caller, client, room, send);
  }

  template <class Hook>
  pool::PostResult direct(Caller& caller, Client client, Client target, std::uint64_t tag, std::uint32_t bytes, Hook&& hook) {
    if (!pending(Fault::wrong_client)) {
      return shared([&] { return inner_.direct(caller, client, target, tag, bytes, hook); });
    }
    const std::unique_lock gate(gate_);
    Client other = (target + 1) % clients_;
    while (other != target && !inner_.presence(caller, other)) other = (other + 1) % clients_;
    const bool wrong = inner_.presence(caller, target) && other != target && due(1);
    if (wrong) happened = true;
    return inner_.direct(caller, client, wrong ? other : target, tag, bytes, hook);
  }

  template <class Visit>
  std::size_t receive(Caller& caller, Client client, Visit&& visit) {
    const bool wrong = pending(Fault::drop) || pending(Fault::twice) || pending(Fault::swap) || pending(Fault::damage);
    if (!wrong && !renumbered_) return shared([&] { return inner_.receive(caller, client, visit); });
    const std::unique_lock gate(gate_);
    std::size_t handed_out = 0;
    inner_.receive(caller, client, [&](const Delivery* deliveries, std::size_t count) {
      std::vector<Delivery> batch(deliveries, deliveries + count);
      std::byte* damaged = nullptr;
      if (renumbered_) renumber(batch);
      if (wrong && !happened) damaged = corrupt(batch);
      handed_out = batch.size();
      if (handed_out > 0) visit(batch.data(), handed_out);
      if (damaged != nullptr) *damaged ^= std::byte{1};  // whole again for the others
    });
    return handed_out;
  }

  template <class Visit>
  Outcome history(Caller& caller, Client client, Room room, std::uint32_t count, Visit&& visit) {
    return shared([&] { return inner_.history(caller, client, room, count, visit); });
  }
  Outcome who(Caller& caller, Room room) {
    return shared([&] { return inner_.who(caller, room); });
  }
  bool presence(Caller& caller, Client target) {
    return shared([&] { return inner_.presence(caller, target); });
  }
  Outcome mark(Caller& caller, Room room) {
    return shared([&] { return inner_.mark(caller, room); });
  }

  std::uint64_t sequence(Room room) const { return inner_.sequence(room); }
  pool::InboxTotals inbox_totals() const { return inner_.inbox_totals(); }
  std::uint64_t sequence_sum() const { return inner_.sequence_sum(); }
  std::uint64_t unread_sum() const { return inner_.unread_sum(); }
  std::uint64_t memberships() const { return inner_.memberships(); }
  std::uint64_t sessions() const { return inner_.sessions(); }

 private:
  struct Ghost {
    Client client;
    Room room;
    bool settled = false;  // the client has done something since: its leave is over, its end is known
  };

  [[nodiscard]] bool pending(Fault fault) const { return fault_ == fault && !happened; }
  // Counts occasions; true from the planned one on. Under the gate.
  bool due(std::int64_t occasions) {
    left_ -= occasions;
    return left_ < 0;
  }

  template <class F>
  auto shared(F&& call) {
    const std::shared_lock gate(gate_);
    return call();
  }
  // A client that comes or goes is no ghost to its harness.
  template <class F>
  Outcome changing(Client client, F&& call) {
    if (!pending(Fault::after_leave)) return shared(call);
    const std::unique_lock gate(gate_);
    if (ghost_ && ghost_->client == client) ghost_.reset();
    return call();
  }

  template <class Send>
  pool::PostResult skipping_one(Caller& caller, Client client, Room room, Send&& send) {
    inner_.who(caller, room);
    const auto& members = caller.recipients;
    const auto victim = std::find_if(members.begin(), members.end(), [&](pool::SessionRef m) { return m.client != client; });
    const auto is_member = [&](pool::SessionRef m) { return m.client == client; };
    if (victim == members.end() || std::none_of(members.begin(), members.end(), is_member) || !due(1)) return send();
    const Client skipped = victim->client;
    inner_.leave(caller, skipped, room);
    const pool::PostResult result = send();
    inner_.join(caller, skipped, room);
    happened = true;
    return result;
  }

  template <class Send>
  pool::PostResult reaching_the_ghost(Caller& caller, Client client, Room room, Send&& send) {
    if (ghost_ && ghost_->client == client) ghost_->settled = true;
    const bool near = ghost_ && ghost_->settled && ghost_->room == room && ghost_->client != client;
    if (!near || inner_.join(caller, ghost_->client, room) != Outcome::ok) return send();
    const pool::PostResult result = send();
    inner_.leave(caller, ghost_->client, room);
    happened = result.outcome == Outcome::ok;
    return result;
  }

  pool::PostResult numbered_alike(Caller& caller, Client client, Room room, pool::PostResult result) {
    if (result.outcome != Outcome::ok || result.recipients == 0 || result.sequence < 2 || !due(1)) return result;
    inner_.history(caller, client, room, 1, [](const Delivery* newest, std::size_t) {
      --const_cast<pool::Message*>(newest->message)->sequence;
    });
    renumbered_room_ = room;
    renumbered_ = result.sequence--;
    happened = true;
    return result;
  }
  void renumber(std::vector<Delivery>& batch) const {
    for (Delivery& delivery : batch) {
      if (delivery.message->room == renumbered_room_ && delivery.sequence == renumbered_) --delivery.sequence;
    }
  }

  // Spoils one delivery of the batch, if it is time; the byte that was damaged, if any.
  std::byte* corrupt(std::vector<Delivery>& batch) {
    const auto size = static_cast<std::int64_t>(batch.size());
    if (!due(size)) return nullptr;
    const auto place = batch.begin() + std::max<std::int64_t>(0, size + left_);  // the planned one, or the first after it
    left_ = -1;
    switch (fault_) {
      case Fault::drop: batch.erase(place); break;
      case Fault::twice: batch.insert(place, *place); break;
      case Fault::swap: happened = swap_from(place, batch.end()); return nullptr;
      default: {
        if (place->message->bytes == 0) return nullptr;
        happened = true;
        auto* byte = const_cast<std::byte*>(place->message->body()) + place->message->bytes / 2;
        *byte ^= std::byte{1};
        return byte;
      }
    }
    happened = true;
    return nullptr;
  }
  // Two posts of one sender in one room: what FIFO per sender forbids, and on no thread an accident.
  static bool swap_from(std::vector<Delivery>::iterator place, std::vector<Delivery>::iterator end) {
    for (; place != end; ++place) {
      const pool::Message& first = *place->message;
      const auto other = std::find_if(place + 1, end, [&](const Delivery& later) {
        return later.message->sender == first.sender && later.message->room == first.room && first.room != pool::kNoRoom;
      });
      if (other == end) continue;
      std::swap(*place, *other);
      return true;
    }
    return false;
  }

  Inner inner_;
  Client clients_;
  Fault fault_;
  std::shared_mutex gate_;  // guards the rest; held alone by the call that goes wrong
  std::int64_t left_;       // occasions until it is time
  std::optional<Ghost> ghost_;
  std::atomic<std::uint64_t> renumbered_{0};
  Room renumbered_room_ = 0;
};

enum class Mode : std::uint8_t { direct_one, direct_two, pooled };
constexpr Mode kModes[] = {Mode::direct_one, Mode::direct_two, Mode::pooled};

void set_mode(TestTrial& trial, Mode mode) {
  if (mode == Mode::pooled) trial.pooled(2);
  trial.input.options.checks = Checks::full;
  trial.input.options.checkpoint_limit = ~std::uint64_t{0};
}
unsigned drivers_of(Mode mode) { return mode == Mode::direct_two ? 2 : 1; }

// What the laws have to say, or else the reference server; empty: nothing.
std::string verdict(const TestTrial& trial, Mode mode) {
  static const Catalog catalog = builtin_catalog();
  const auto report = trial.run(&run_trial<FaultyServer>);
  if (!broken(*report).empty() || mode != Mode::direct_one) return broken(*report);
  PreparedTrace prepared;
  prepared.trace = trial.trace();
  ReferenceCheck reference(catalog.find("reference/none"));
  return reference.compare(prepared, trial.input, *report);
}

// Busy rooms, so that every fault finds its occasion and its consequences; nobody disconnects, which would excuse them.
// Where a post leaves somebody out nobody comes or goes either: beside a join or a leave the law cannot tell.
workloads::Trace busy_trace(std::uint64_t seed, Fault fault) {
  workloads::Scenario scenario = mixed_scenario();
  scenario.rooms = 3;
  scenario.disconnect_share = 0;
  if (fault == Fault::skip_member) scenario.churn = scenario.move = 0;
  return make_trace(scenario, seed, 12, {});
}

void check_caught(Fault fault) {
  for (const Mode mode : kModes) {
    for (std::uint64_t seed = 0; seed < 2 * pool::stress_rounds(10); ++seed) {
      INFO("mode " << static_cast<int>(mode) << ", seed " << seed);
      plan = {fault, static_cast<std::int64_t>(workloads::RandomStream(seed, workloads::Purpose::plan).below(100))};
      TestTrial trial(busy_trace(seed, fault), drivers_of(mode));
      set_mode(trial, mode);
      const std::string found = verdict(trial, mode);
      REQUIRE(happened);
      CHECK_FALSE(found.empty());
    }
  }
}

TEST_CASE("a server without a fault raises no alarm", "[harness][faulty_server]") {
  plan = {};
  for (const Mode mode : kModes) {
    for (std::uint64_t seed = 0; seed < 2 * pool::stress_rounds(10); ++seed) {
      INFO("mode " << static_cast<int>(mode) << ", seed " << seed);
      TestTrial trial(seed % 2 == 0 ? busy_trace(seed, Fault::none) : mixed_trace(seed), drivers_of(mode));
      set_mode(trial, mode);
      CHECK(verdict(trial, mode) == "");
    }
  }
}

TEST_CASE("a delivery that is dropped is caught", "[harness][faulty_server]") { check_caught(Fault::drop); }
TEST_CASE("a delivery that is doubled is caught", "[harness][faulty_server]") { check_caught(Fault::twice); }
TEST_CASE("deliveries that change places are caught", "[harness][faulty_server]") { check_caught(Fault::swap); }
TEST_CASE("a member that is left out is caught", "[harness][faulty_server]") { check_caught(Fault::skip_member); }
TEST_CASE("a delivery after the leave is caught", "[harness][faulty_server]") { check_caught(Fault::after_leave); }
TEST_CASE("a leave that is lost is caught", "[harness][faulty_server]") { check_caught(Fault::lost_leave); }
TEST_CASE("two posts of one number are caught", "[harness][faulty_server]") { check_caught(Fault::same_number); }
TEST_CASE("a damaged body is caught", "[harness][faulty_server]") { check_caught(Fault::damage); }
TEST_CASE("a direct message to the wrong client is caught", "[harness][faulty_server]") { check_caught(Fault::wrong_client); }

struct ExcludesNobody {
  void lock() noexcept {}
  void unlock() noexcept {}
};

// Holds the first thread that comes in while measuring until a second one stands beside it, so that the lock's failure
// is no matter of luck. A lock that excludes would never let the second one in.
class Meeting {
 public:
  void before(pool::Access) noexcept {}
  void acquired(pool::Access access) noexcept {
    live_.acquired(access);
    if (!armed || inside++ > 1) return;
    while (inside < 2) sched_yield();
  }
  void released(pool::Access access) noexcept { live_.released(access); }

  static inline std::atomic<bool> armed{false};

 private:
  static inline std::atomic<unsigned> inside{0};
  LiveProbe live_;
};

TEST_CASE("a lock that excludes nobody is caught as soon as two threads meet", "[harness][faulty_server]") {
  for (const Mode mode : kModes) {
    // Posts alone: they only read what the lock should guard.
    TestTrial trial(crowd_trace(8, 200, 0), drivers_of(mode));
    set_mode(trial, mode);
    if (mode != Mode::direct_one) {
      trial.input.on_phase = [](Phase phase) { Meeting::armed = phase == Phase::measure; };
    }
    const SharedReport report = make_shared_report();  // a process of its own: it has the only count of violations
    REQUIRE(run_in_child(&run_trial<pool::CoarseServer<ExcludesNobody, Meeting>>, trial.input, *report, 600'000'000'000) == "");
    const bool caught = broken(*report).find("entries into a critical section beside a writer") != std::string::npos;
    CHECK(caught == (mode != Mode::direct_one));
  }
}

// 1,000 members and 3,000 posts: 2,997,000 deliveries, of which one goes wrong. The laws alone must see it.
TEST_CASE("one delivery in a million that goes wrong is caught", "[harness][faulty_server][stress]") {
  constexpr std::uint32_t kMembers = 1'000;
  const std::uint32_t posts = 300 * pool::stress_rounds(10);
  for (const Fault fault : {Fault::none, Fault::drop, Fault::twice, Fault::swap, Fault::skip_member}) {
    for (const Mode mode : kModes) {
      INFO("fault " << static_cast<int>(fault) << ", mode " << static_cast<int>(mode));
      const std::uint64_t occasions = fault == Fault::skip_member ? posts : std::uint64_t{posts} * (kMembers - 1);
      workloads::RandomStream random(static_cast<std::uint64_t>(fault), workloads::Purpose::plan, static_cast<std::uint64_t>(mode));
      plan = {fault, static_cast<std::int64_t>(random.below(occasions * 9 / 10))};
      TestTrial trial(crowd_trace(kMembers, posts, random.next()), drivers_of(mode));
      set_mode(trial, mode);
      trial.input.options.checks = Checks::live;
      trial.input.options.checkpoint_limit = 0;
      const auto report = trial.run(&run_trial<FaultyServer>);
      CHECK(happened == (fault != Fault::none));
      CHECK(broken(*report).empty() == (fault == Fault::none));
      CHECK(report->laws.expected == std::uint64_t{posts} * (kMembers - 1));
    }
  }
}

}  // namespace
}  // namespace crosstalk::harness
