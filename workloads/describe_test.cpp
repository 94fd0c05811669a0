#include "workloads/describe.h"

#include <catch2/catch.hpp>

#include "workloads/generate.h"
#include "workloads/occupancy.h"
#include "workloads/test_files.h"

namespace crosstalk::workloads {
namespace {

// Three in room 0, one of them also in room 1.
Trace four_clients() {
  Trace trace;
  trace.clients = 4;
  trace.rooms = 2;
  trace.connected = {0, 1, 2, 3};
  trace.members = {{0, 0}, {1, 0}, {2, 0}, {2, 1}};
  trace.lap_ns = 4e9;
  return trace;
}

TEST_CASE("deliveries follow who is where at that moment", "[workloads][describe]") {
  Trace trace = four_clients();
  trace.ops = {
      {0, 0, 0, 0, 10, 0, OpKind::post},       // to 1 and 2
      {1, 3, 0, 0, 0, 0, OpKind::join},        //
      {2, 0, 0, 0, 20, 1, OpKind::post},       // to 1, 2 and 3
      {3, 2, 0, 0, 0, 0, OpKind::disconnect},  //
      {4, 0, 0, 0, 30, 2, OpKind::post},       // to 1 and 3
      {5, 0, 0, 2, 99, 3, OpKind::direct},     // nobody is there
      {6, 0, 0, 1, 99, 4, OpKind::direct},     // to 1
      {7, 0, 1, 0, 40, 5, OpKind::post},       // not a member: refused
      {8, 0, 0, 1, 0, 6, OpKind::move},        //
      {9, 0, 1, 0, 50, 7, OpKind::post},       // alone in room 1
      {10, 1, 0, 0, 60, 0, OpKind::post},      // to 3
  };
  const TraceSummary summary = describe(trace);
  CHECK(summary.deliveries == 2 + 3 + 2 + 1 + 1);
  CHECK(summary.fan_out_mean == Approx(8.0 / 6));
  CHECK(summary.top_room_share == Approx(4.0 / 6));
  CHECK(summary.count[static_cast<std::size_t>(OpKind::post)] == 6);
  CHECK(summary.count[static_cast<std::size_t>(OpKind::direct)] == 2);
  CHECK(summary.count[static_cast<std::size_t>(OpKind::who)] == 0);
  CHECK(summary.operations == 11);
  CHECK(summary.clients == 4);
  CHECK(summary.rooms == 2);
  CHECK(summary.sessions == 4);
  CHECK(summary.memberships == 4);
}

TEST_CASE("length percentiles are by nearest rank, over posts and direct messages", "[workloads][describe]") {
  Trace trace = four_clients();
  for (std::uint32_t i = 1; i <= 200; ++i) {
    const OpKind kind = i % 2 == 0 ? OpKind::post : OpKind::direct;
    trace.ops.push_back({0, 0, 0, 1, 201 - i, i - 1, kind});
  }
  trace.ops.push_back({0, 0, 0, 50, 7777, 200, OpKind::history});
  const TraceSummary summary = describe(trace);
  CHECK(summary.length_mean_bytes == 100.5);
  CHECK(summary.length_p50_bytes == 100);
  CHECK(summary.length_p90_bytes == 180);
  CHECK(summary.length_p99_bytes == 198);
  CHECK(summary.length_max_bytes == 200);
}

TEST_CASE("a rank between two lengths is rounded up", "[workloads][describe]") {
  Trace trace = four_clients();
  for (const std::uint32_t bytes : {30U, 10U, 20U}) {
    trace.ops.push_back({0, 0, 0, 0, bytes, static_cast<std::uint32_t>(trace.ops.size()), OpKind::post});
  }
  const TraceSummary summary = describe(trace);
  CHECK(summary.length_p50_bytes == 20);
  CHECK(summary.length_p90_bytes == 30);
  CHECK(summary.length_p99_bytes == 30);
}

TEST_CASE("the peak is the busiest whole second", "[workloads][describe]") {
  Trace trace = four_clients();
  for (const double at : {0.1, 0.9, 1.0, 1.5, 1.99, 3.2}) {
    trace.ops.push_back({at * 1e9, 0, 0, 0, 1, static_cast<std::uint32_t>(trace.ops.size()), OpKind::mark});
  }
  TraceSummary summary = describe(trace);
  CHECK(summary.duration_ns == 4e9);
  CHECK(summary.rate_mean_ops_s == 1.5);
  CHECK(summary.rate_peak_ops_s == 3);
  trace.lap_ns = 1.9e9;
  summary = describe(trace);
  CHECK(summary.rate_peak_ops_s == summary.rate_mean_ops_s);
}

TEST_CASE("a trace without messages has no lengths and no fan-out", "[workloads][describe]") {
  Trace trace = four_clients();
  trace.ops = {{0, 0, 0, 0, 0, 0, OpKind::mark}};
  const TraceSummary summary = describe(trace);
  CHECK(summary.deliveries == 0);
  CHECK(summary.fan_out_mean == 0);
  CHECK(summary.top_room_share == 0);
  CHECK(summary.length_mean_bytes == 0);
  CHECK(summary.length_max_bytes == 0);
}

TEST_CASE("the figures of a generated trace are those of its scenario", "[workloads][describe]") {
  const TraceSummary summary =
      describe(make_trace(built_in("community"), 1, 5'000, {ArrivalLaw::poisson, 20'000}));
  CHECK(summary.rate_mean_ops_s == Approx(20'000));
  CHECK(summary.rate_peak_ops_s > 20'000);
  CHECK(summary.rate_peak_ops_s < 21'000);
  CHECK(summary.length_mean_bytes == Approx(53).margin(1));
  CHECK(summary.length_p50_bytes == Approx(39).margin(1));
  CHECK(summary.top_room_share == Approx(0.26).margin(0.01));
  CHECK(summary.memberships > 5'000);
}

}  // namespace
}  // namespace crosstalk::workloads
