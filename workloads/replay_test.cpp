#include "workloads/replay.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <set>
#include <sstream>

#include "workloads/occupancy.h"
#include "workloads/random.h"
#include "workloads/test_files.h"

namespace crosstalk::workloads {
namespace {

// Rows of "time_ms,user,room,event,bytes,target".
Trace replay(const std::string& rows, const ReplayOptions& options = {1, 0, 0, 0}) {
  return make_replay(rows_of("time_ms,user,room,event,bytes,target\n" + rows), options);
}

// "kind client room target" of each operation.
std::vector<std::string> story(const Trace& trace) {
  std::vector<std::string> result;
  for (const Op& op : trace.ops) {
    result.push_back(std::string(to_string(op.kind)) + " " + std::to_string(op.client) + " " +
                     std::to_string(op.room) + " " + std::to_string(op.target));
  }
  return result;
}
using Story = std::vector<std::string>;
using Members = std::vector<Membership>;
using Ids = std::vector<std::uint32_t>;

TEST_CASE("in a file of messages everybody is in for the whole run", "[workloads][replay]") {
  const Trace trace = replay("1,1,1,message,5,\n2,2,1,message,6,\n3,1,2,message,7,\n4,1,1,message,8,\n");
  CHECK(trace.clients == 2);
  CHECK(trace.rooms == 2);
  CHECK(trace.connected == Ids{0, 1});
  CHECK(trace.members == Members{{0, 0}, {1, 0}, {0, 1}});
  CHECK(story(trace) == Story{"post 0 0 0", "post 1 0 0", "post 0 1 0", "post 0 0 0"});
  CHECK(trace.ops[2].bytes == 7);
  CHECK(trace.ops[2].sequence == 1);
  CHECK(trace.ops[3].sequence == 2);
  CHECK(trace.notes == ReplayNotes());
  CHECK_FALSE(trace.repeats);
  CHECK(trace.hash == hash_of(trace));
}

TEST_CASE("who joins first was not there before", "[workloads][replay]") {
  const Trace trace = replay("1,1,1,join,0,\n2,1,1,message,6,\n3,2,1,leave,0,\n");
  CHECK(trace.connected == Ids{0, 1});
  CHECK(trace.members == Members{{1, 0}});
  CHECK(story(trace) == Story{"join 0 0 0", "post 0 0 0", "leave 1 0 0"});
}

TEST_CASE("every event of a room but join tells of a member", "[workloads][replay]") {
  for (const char* event : {"message", "leave", "history", "who", "mark", "upload"}) {
    const Trace trace = replay(std::string("1,1,1,") + event + ",0,\n");
    INFO(event);
    CHECK(trace.members == Members{{0, 0}});
    CHECK(trace.ops.size() == 1);
  }
  const Trace trace = replay("1,1,1,move,0,2\n2,1,2,message,0,\n");
  CHECK(trace.members == Members{{0, 0}});
  CHECK(story(trace) == Story{"move 0 0 1", "post 0 1 0"});
}

TEST_CASE("an upload while absent is preceded by a join, too", "[workloads][replay]") {
  const Trace trace = replay("1,1,1,upload,5,\n2,1,1,leave,0,\n3,1,1,upload,6,\n");
  CHECK(story(trace) == Story{"upload 0 0 0", "leave 0 0 0", "join 0 0 0", "upload 0 0 0"});
  CHECK(trace.ops.back().bytes == 6);
}

TEST_CASE("a message while absent is preceded by a join at the same instant", "[workloads][replay]") {
  const Trace trace = replay("1,1,1,message,5,\n2,1,1,leave,0,\n3,1,1,message,6,\n4,1,1,message,7,\n");
  CHECK(story(trace) == Story{"post 0 0 0", "leave 0 0 0", "join 0 0 0", "post 0 0 0", "post 0 0 0"});
  CHECK(trace.ops[2].intended_ns == trace.ops[3].intended_ns);
  CHECK(trace.ops[2].sequence + 1 == trace.ops[3].sequence);
  CHECK(trace.notes.implied_joins == 1);
}

TEST_CASE("leave while absent and join while present are dropped and counted", "[workloads][replay]") {
  const Trace trace =
      replay("1,1,1,leave,0,\n2,1,1,leave,0,\n3,1,1,leave,0,\n4,1,1,join,0,\n5,1,1,join,0,\n");
  CHECK(story(trace) == Story{"leave 0 0 0", "join 0 0 0"});
  CHECK(trace.notes.absent_leaves == 2);
  CHECK(trace.notes.repeated_joins == 1);
  CHECK(trace.ops[1].sequence == 1);
}

TEST_CASE("who connects first had no session before", "[workloads][replay]") {
  const Trace trace = replay("1,1,1,message,5,\n2,2,,connect,,\n3,2,1,message,6,\n");
  CHECK(trace.connected == Ids{0});
  CHECK(trace.members == Members{{0, 0}});
  CHECK(story(trace) == Story{"post 0 0 0", "connect 1 0 0", "join 1 0 0", "post 1 0 0"});
  CHECK(trace.notes.implied_joins == 1);
}

TEST_CASE("a disconnect ends all memberships", "[workloads][replay]") {
  const Trace trace = replay(
      "1,1,1,message,5,\n2,1,2,message,5,\n3,1,,disconnect,,\n4,1,,connect,,\n5,1,1,leave,,\n"
      "6,1,2,message,1,\n");
  CHECK(trace.members == Members{{0, 0}, {0, 1}});
  CHECK(story(trace) ==
        Story{"post 0 0 0", "post 0 1 0", "disconnect 0 0 0", "connect 0 0 0", "join 0 1 0", "post 0 1 0"});
  CHECK(trace.notes.absent_leaves == 1);
  CHECK(trace.notes.implied_joins == 1);
}

TEST_CASE("a room first seen after a disconnect tells nothing of the start", "[workloads][replay]") {
  const Trace trace = replay("1,1,1,message,5,\n2,1,,disconnect,,\n3,1,,connect,,\n4,1,2,message,5,\n");
  CHECK(trace.members == Members{{0, 0}});
  CHECK(story(trace) == Story{"post 0 0 0", "disconnect 0 0 0", "connect 0 0 0", "join 0 1 0", "post 0 1 0"});
}

TEST_CASE("an event without a session is preceded by a connect", "[workloads][replay]") {
  const std::string before = "1,1,1,message,5,\n2,1,,disconnect,,\n";
  const auto after = [&](const std::string& row) {
    const Trace trace = replay(before + row + "\n");
    const Story all = story(trace);
    CHECK(trace.notes.implied_connects == (all.size() > 2 ? 1 : 0));
    return Story(all.begin() + 2, all.end());
  };
  CHECK(after("3,1,1,join,,") == Story{"connect 0 0 0", "join 0 0 0"});
  CHECK(after("3,1,1,message,5,") == Story{"connect 0 0 0", "join 0 0 0", "post 0 0 0"});
  CHECK(after("3,1,,direct,5,2") == Story{"connect 0 0 0", "direct 0 0 1"});
  CHECK(after("3,1,,presence,5,2") == Story{"connect 0 0 0", "presence 0 0 1"});
  CHECK(after("3,1,1,who,,") == Story{"connect 0 0 0", "who 0 0 0"});
  CHECK(after("3,1,1,mark,,") == Story{"connect 0 0 0", "mark 0 0 0"});
  CHECK(after("3,1,1,move,,2") == Story{"connect 0 0 0", "join 0 1 0"});
  CHECK(after("3,1,1,leave,,").empty());
  CHECK(after("3,1,,disconnect,,").empty());
}

TEST_CASE("connect while connected and disconnect while not are dropped and counted", "[workloads][replay]") {
  const Trace trace =
      replay("1,1,1,message,5,\n2,1,,connect,,\n3,1,,disconnect,,\n4,1,,disconnect,,\n5,1,,connect,,\n");
  CHECK(story(trace) == Story{"post 0 0 0", "disconnect 0 0 0", "connect 0 0 0"});
  CHECK(trace.notes.repeated_connects == 1);
  CHECK(trace.notes.absent_disconnects == 1);
}

TEST_CASE("a move does the half that is left to do", "[workloads][replay]") {
  // Absent from the one: join the other.
  Trace trace = replay("1,1,1,leave,,\n2,1,1,move,,2\n");
  CHECK(story(trace) == Story{"leave 0 0 0", "join 0 1 0"});
  CHECK(trace.notes.absent_leaves == 1);
  // In both: leave the one.
  trace = replay("1,1,1,message,1,\n2,1,2,message,1,\n3,1,1,move,,2\n");
  CHECK(story(trace) == Story{"post 0 0 0", "post 0 1 0", "leave 0 0 0"});
  CHECK(trace.notes.repeated_joins == 1);
  // In the other only, and from a room to itself: nothing.
  trace = replay("1,1,1,leave,,\n2,1,2,message,1,\n3,1,1,move,,2\n4,1,2,move,,2\n");
  CHECK(story(trace) == Story{"leave 0 0 0", "post 0 1 0"});
  CHECK(trace.notes.absent_leaves == 1);
  CHECK(trace.notes.repeated_joins == 2);
}

TEST_CASE("users that are only targets have a session", "[workloads][replay]") {
  const Trace trace = replay("1,1,,direct,5,77\n2,1,,presence,,78\n3,79,,connect,,\n");
  CHECK(trace.clients == 4);
  CHECK(trace.connected == Ids{0, 1, 2});
  CHECK(story(trace) == Story{"direct 0 0 1", "presence 0 0 2", "connect 3 0 0"});
  CHECK(trace.rooms == 1);
}

TEST_CASE("what the log says of the start is no operation", "[workloads][replay]") {
  const Trace trace = replay(
      "0,5,,present,,\n0,6,1,present,,\n0,6,1,present,,\n1,6,,connect,,\n2,6,1,join,,\n"
      "3,6,1,history,,20\n4,5,1,join,,\n");
  CHECK(trace.connected == Ids{0, 1});
  CHECK(trace.members == Members{{1, 0}});
  CHECK(story(trace) == Story{"history 1 0 20", "join 0 0 0"});
  CHECK(trace.notes.repeated_connects == 1);
  CHECK(trace.notes.repeated_joins == 1);
}

TEST_CASE("other operations stay as they are", "[workloads][replay]") {
  const Trace trace =
      replay("1,1,1,leave,,\n2,1,1,history,,\n3,2,,disconnect,,\n4,1,,direct,5,2\n5,1,,direct,5,1\n");
  CHECK(story(trace) ==
        Story{"leave 0 0 0", "history 0 0 50", "disconnect 1 0 0", "direct 0 0 1", "direct 0 0 0"});
  CHECK(trace.ops[3].bytes == 5);
}

TEST_CASE("instants start at the first row and are divided by the scale", "[workloads][replay]") {
  const std::string rows = "1000,1,1,message,5,\n1000.5,2,1,message,6,\n1003,1,1,message,7,\n";
  Trace trace = replay(rows);
  CHECK(trace.ops[0].intended_ns == 0);
  CHECK(trace.ops[1].intended_ns == 500'000);
  CHECK(trace.ops[2].intended_ns == 3'000'000);
  CHECK(trace.lap_ns == 3'000'000);
  trace = replay(rows, {4, 0, 0, 0});
  CHECK(trace.ops[1].intended_ns == 125'000);
  CHECK(trace.lap_ns == 750'000);
  CHECK(trace.time_scale == 4);
  trace = replay(rows, {0, 6e6, 0, 0});  // fit into 6 ms
  CHECK(trace.time_scale == 0.5);
  CHECK(trace.ops[2].intended_ns == 6e6);
  CHECK(trace.lap_ns == 6e6);
}

TEST_CASE("rows of one instant are ordered by client, each client's as they were", "[workloads][replay]") {
  const Trace trace = replay("0,9,1,message,1,\n1,8,1,message,2,\n1,9,1,message,3,\n1,8,1,leave,0,\n");
  CHECK(story(trace) == Story{"post 0 0 0", "post 0 0 0", "post 1 0 0", "leave 1 0 0"});
  CHECK(trace.ops[1].bytes == 3);
}

TEST_CASE("a scale or duration out of bounds is refused", "[workloads][replay]") {
  const std::string rows = "0,1,1,message,5,\n4000000000000,2,1,message,6,\n";
  for (const auto& [scale, text] :
       {std::pair{0.0009, "0.0009"}, std::pair{2e9, "2e+09"}, std::pair{-1.0, "-1"},
        std::pair{std::numeric_limits<double>::quiet_NaN(), "nan"}}) {
    CHECK_THROWS_WITH(replay(rows, {scale, 0, 0, 0}),
                      std::string("time_scale: must be between 0.001 and 1e9, got ") + text);
  }
  CHECK_NOTHROW(replay(rows, {0.001, 0, 0, 0}));
  CHECK_NOTHROW(replay(rows, {1e9, 0, 0, 0}));
  CHECK_THROWS_WITH(replay(rows, {0, 0, 0, 0}), "duration: must be above 0 to fit a trace into it, got 0 s");
  CHECK_THROWS_WITH(
      replay(rows, {0, 1e9, 0, 0}),
      "duration: 1 s is too short for the trace: its time scale must be at most 1e9, got 4e+09");
}

TEST_CASE("a short trace is stretched a thousandfold at most", "[workloads][replay]") {
  const Trace trace = replay("0,1,1,message,5,\n1,2,1,message,6,\n", {0, 1e12, 0, 0});
  CHECK(trace.time_scale == 0.001);
  CHECK(trace.lap_ns == 1e9);
  const Trace one = replay("7,1,1,message,5,\n", {0, 1e9, 0, 0});
  CHECK(one.ops.front().intended_ns == 0);
  CHECK(one.lap_ns == 1);
}

TEST_CASE("rows that lead to no operation are refused", "[workloads][replay]") {
  CHECK_THROWS_WITH(replay("0,1,1,present,,\n0,1,1,join,,\n"),
                    Catch::EndsWith("trace.csv: no row leads to an operation"));
  CHECK_THROWS_WITH(make_replay({"x.csv", {}, {}, {}}, {1, 0, 0, 0}), "x.csv: no rows");
}

std::string ten_rooms() {
  std::string rows;
  for (int room = 0; room < 10; ++room) {
    for (int user = 0; user <= room; ++user) {
      rows +=
          std::to_string(room) + "," + std::to_string(user) + "," + std::to_string(room) + ",message,1,\n";
    }
  }
  return rows;
}

TEST_CASE("lurkers are silent members of their own, so many per speaker", "[workloads][replay]") {
  const Trace trace = replay(ten_rooms(), {1, 0, 3, 1});
  CHECK(trace.clients == 10 + 3 * 55);
  CHECK(trace.notes.lurkers == 3 * 55);
  CHECK(trace.connected.size() == trace.clients);
  std::vector<std::uint32_t> members(10);
  std::set<std::uint32_t> lurkers;
  std::pair<std::uint32_t, std::uint32_t> last{0, 0};
  for (const Membership& member : trace.members) {
    CHECK(std::pair(member.room, member.client + 1) > last);
    last = {member.room, member.client + 1};
    ++members[member.room];
    if (member.client >= 10) CHECK(lurkers.insert(member.client).second);
  }
  for (std::uint32_t room = 0; room < 10; ++room) CHECK(members[room] == 4 * (room + 1));
  for (const Op& op : trace.ops) CHECK(op.client < 10);
  CHECK(lurkers.size() == 165);
}

TEST_CASE("a fraction of lurkers is rounded once, over all rooms", "[workloads][replay]") {
  std::set<std::vector<std::uint32_t>> layouts;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Trace trace = replay(ten_rooms(), {1, 0, 0.37, seed});
    CHECK(trace.notes.lurkers == 20);  // 20.35
    std::vector<std::uint32_t> members(10);
    for (const Membership& member : trace.members) ++members[member.room];
    for (std::uint32_t room = 0; room < 10; ++room) {
      const double exact = 0.37 * (room + 1);
      CHECK(std::abs(members[room] - (room + 1) - exact) < 1);
    }
    layouts.insert(members);
    CHECK(replay(ten_rooms(), {1, 0, 0.37, seed}).hash == trace.hash);
  }
  CHECK(layouts.size() > 10);  // which rooms are rounded up is a matter of the seed
  CHECK(replay(ten_rooms(), {1, 0, 0, 1}).notes.lurkers == 0);
}

TEST_CASE("more lurkers than clients may be are refused", "[workloads][replay]") {
  CHECK_THROWS_WITH(replay(ten_rooms(), {1, 0, -1, 1}), "lurkers: must be between 0 and 10000, got -1");
  CHECK_THROWS_WITH(replay(ten_rooms(), {1, 0, 10'001, 1}),
                    "lurkers: must be between 0 and 10000, got 10001");
  TraceRows many;
  many.file = "many.csv";
  for (std::uint32_t user = 0; user < 2'000; ++user) {
    many.users.push_back(user);
    many.rows.push_back({user, user, 0, 0, 1, TraceEvent::message});
  }
  many.rooms = {0};
  CHECK_THROWS_WITH(make_replay(many, {1, 0, 10'000, 1}),
                    "lurkers: 10000 makes 20002000 clients; at most 10000000");
}

// Two months of one room as such logs are: people there before the log begins, absences that it does not
// show, leaves and joins that come twice.
TEST_CASE("whatever a log leaves out, a server accepts its replay", "[workloads][replay]") {
  RandomStream random(1, Purpose::operations);
  std::ostringstream rows;
  const char* const events[] = {"join",    "leave",   "message",    "message",
                                "message", "connect", "disconnect", "move"};
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    const char* const event = events[random.below(8)];
    const std::uint64_t user = random.below(40);
    rows << i * 250 << ',' << user * 1'000 << ',' << random.below(3) * 7 << ',' << event << ",20,"
         << random.below(3) * 7 << '\n';
  }
  const Trace trace = replay(rows.str(), {0, 1e9, 1.5, 3});
  Occupancy occupancy(trace);
  std::vector<std::uint32_t> sequences(trace.clients);
  std::uint64_t posts = 0;
  for (const Op& op : trace.ops) {
    REQUIRE(op.sequence == sequences[op.client]++);
    REQUIRE(occupancy.apply(op));
    REQUIRE(op.intended_ns <= trace.lap_ns);
    posts += op.kind == OpKind::post ? 1 : 0;
  }
  CHECK(posts > 7'000);
  CHECK(trace.notes.implied_joins > 100);
  CHECK(trace.notes.implied_connects > 100);
  CHECK(trace.notes.absent_leaves > 100);
}

}  // namespace
}  // namespace crosstalk::workloads
