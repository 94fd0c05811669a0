#include <catch2/catch.hpp>
#include <map>
#include <sstream>

#include "workloads/generate.h"
#include "workloads/replay.h"
#include "workloads/test_files.h"
#include "workloads/trace_csv.h"

namespace crosstalk::workloads {
namespace {

Trace written_and_read(const Trace& trace) {
  std::ostringstream out;
  REQUIRE(write_trace_csv(out, trace) == 0);
  return make_replay(rows_of(out.str()), {1, 0, 0, 0});
}

// Rooms numbered in order of appearance, as reading does.
Trace with_rooms_as_they_appear(Trace trace) {
  std::map<std::uint32_t, std::uint32_t> rooms;
  const auto number = [&](std::uint32_t& room) {
    room = rooms.try_emplace(room, static_cast<std::uint32_t>(rooms.size())).first->second;
  };
  for (Membership& member : trace.members) number(member.room);
  for (Op& op : trace.ops) {
    const bool none = op.kind == OpKind::connect || op.kind == OpKind::disconnect ||
                      op.kind == OpKind::direct || op.kind == OpKind::presence;
    if (!none) number(op.room);
    if (op.kind == OpKind::move) number(op.target);
  }
  trace.rooms = static_cast<std::uint32_t>(rooms.size());
  trace.hash = hash_of(trace);
  return trace;
}

TEST_CASE("a generated trace survives being written and read", "[workloads][trace_csv_writer]") {
  for (const char* name : {"team", "community", "stream", "hot_counter"}) {
    Scenario scenario = built_in(name);
    scenario.lap_operations = 20'000;
    scenario.move = scenario.rooms > 1 ? 0.1 : 0;
    const Trace generated = make_trace(scenario, 1, 4'000, {ArrivalLaw::poisson, 5'000});
    const Trace trace = with_rooms_as_they_appear(generated);
    const Trace again = written_and_read(generated);
    INFO(name);
    CHECK(again.clients == trace.clients);
    CHECK(again.rooms == trace.rooms);
    CHECK((again.connected == trace.connected));
    CHECK((again.members == trace.members));
    CHECK(again.notes == ReplayNotes());
    CHECK(again.hash == trace.hash);
    CHECK_FALSE(again.repeats);
    // Where every room has a member its number stays.
    if (std::string(name) != "community") CHECK(again.hash == generated.hash);
  }
}

TEST_CASE("a replay survives being written and read, lurkers included", "[workloads][trace_csv_writer]") {
  const std::string log =
      "time_ms,user,room,event,bytes,target\n0,4,,present,,\n0,4,9,present,,\n0.25,70000,9,join,0,\n"
      "1,70000,9,message,17,\n2.000001,4,,direct,5,70000\n3,4,9,move,,10\n4,4,10,history,0,20\n5,4,,"
      "disconnect,,\n";
  const Trace trace = make_replay(rows_of(log), {0.5, 0, 2, 1});
  const Trace again = written_and_read(trace);
  CHECK(again.clients == trace.clients);
  CHECK((again.connected == trace.connected));
  CHECK((again.members == trace.members));
  CHECK(again.hash == trace.hash);
}

TEST_CASE("operations without an event are left out and counted", "[workloads][trace_csv_writer]") {
  Trace trace;
  trace.clients = 2;
  trace.rooms = 1;
  trace.connected = {0, 1};
  trace.ops = {{0, 0, 0, 0, 0, 0, OpKind::receive},
               {0, 0, 0, 1, 0, 1, OpKind::kick},
               {0, 1, 0, 0, 0, 0, OpKind::persist},
               {1'000'001, 1, 0, 0, 0, 1, OpKind::mark}};
  std::ostringstream out;
  CHECK(write_trace_csv(out, trace) == 2);
  CHECK(
      out.str() ==
      "time_ms,user,room,event,bytes,target\n0,0,,present,0,\n0,1,,present,0,\n0,0,0,leave,0,\n1.000001,1,0,mark,0,\n");
}

}  // namespace
}  // namespace crosstalk::workloads
