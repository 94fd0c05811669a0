#include "workloads/trace.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <tuple>

#include "workloads/generate.h"
#include "workloads/test_files.h"

namespace crosstalk::workloads {
namespace {

auto key(const Op& op) {
  return std::tuple(std::llround(op.intended_ns), op.client, op.sequence);
}

bool same(const Op& a, const Op& b) {
  return a.intended_ns == b.intended_ns && a.client == b.client && a.room == b.room && a.target == b.target &&
         a.bytes == b.bytes && a.sequence == b.sequence && a.kind == b.kind;
}

Trace small_trace() {
  Trace trace;
  trace.clients = 3;
  trace.rooms = 2;
  trace.connected = {0, 1};
  trace.members = {{0, 0}, {1, 1}};
  trace.ops = {{0, 0, 0, 0, 5, 0, OpKind::post}, {100, 1, 1, 7, 0, 0, OpKind::history}};
  return trace;
}

TEST_CASE("the hash sees every part of a trace", "[workloads][trace]") {
  const std::uint64_t hash = hash_of(small_trace());
  const auto changed = [](auto&& change) {
    Trace trace = small_trace();
    change(trace);
    return hash_of(trace);
  };
  CHECK(changed([](Trace&) {}) == hash);
  CHECK(changed([](Trace& t) { t.clients = 4; }) != hash);
  CHECK(changed([](Trace& t) { t.rooms = 3; }) != hash);
  CHECK(changed([](Trace& t) { t.connected = {0}; }) != hash);
  CHECK(changed([](Trace& t) { t.members.pop_back(); }) != hash);
  CHECK(changed([](Trace& t) { std::swap(t.members[0], t.members[1]); }) != hash);
  CHECK(changed([](Trace& t) { t.ops.pop_back(); }) != hash);
  CHECK(changed([](Trace& t) { t.ops[1].intended_ns = 101; }) != hash);
  CHECK(changed([](Trace& t) { t.ops[1].client = 2; }) != hash);
  CHECK(changed([](Trace& t) { t.ops[1].room = 0; }) != hash);
  CHECK(changed([](Trace& t) { t.ops[1].target = 8; }) != hash);
  CHECK(changed([](Trace& t) { t.ops[1].bytes = 1; }) != hash);
  CHECK(changed([](Trace& t) { t.ops[1].sequence = 1; }) != hash);
  CHECK(changed([](Trace& t) { t.ops[1].kind = OpKind::who; }) != hash);
  // Below a nanosecond instants are not part of the trace.
  CHECK(changed([](Trace& t) { t.ops[1].intended_ns = 100.25; }) == hash);
}

TEST_CASE("operations of one nanosecond are put in order of client and sequence", "[workloads][trace]") {
  std::vector<Op> ops{{1.0, 9, 0, 0, 0, 0, OpKind::post},  {1.6, 5, 0, 0, 0, 0, OpKind::post},
                      {1.8, 3, 0, 0, 0, 1, OpKind::post},  {2.1, 3, 0, 0, 0, 2, OpKind::post},
                      {2.4, 1, 0, 0, 0, 7, OpKind::leave}, {2.6, 0, 0, 0, 0, 0, OpKind::post}};
  order_within_instants(ops);
  const std::vector<std::uint32_t> clients{9, 1, 3, 3, 5, 0};
  const std::vector<double> instants{1.0, 1.6, 1.8, 2.1, 2.4, 2.6};
  for (std::size_t i = 0; i < ops.size(); ++i) {
    CHECK(ops[i].client == clients[i]);
    CHECK(ops[i].intended_ns == instants[i]);
  }
  CHECK(ops[1].kind == OpKind::leave);
  CHECK(ops[2].sequence == 1);
  std::vector<Op> none;
  order_within_instants(none);
  CHECK(none.empty());
}

// At this rate most nanoseconds hold several operations, so that ties decide.
TEST_CASE("a trace is in its one order even where instants coincide", "[workloads][trace]") {
  const Trace trace = make_trace(built_in("community"), 3, 50, {ArrivalLaw::poisson, 1e9});
  std::size_t ties = 0;
  std::size_t disorder = 0;
  for (std::size_t i = 1; i < trace.ops.size(); ++i) {
    const bool ascends =
        key(trace.ops[i - 1]) < key(trace.ops[i]) && trace.ops[i - 1].intended_ns <= trace.ops[i].intended_ns;
    disorder += ascends ? 0 : 1;
    ties += std::llround(trace.ops[i - 1].intended_ns) == std::llround(trace.ops[i].intended_ns) ? 1 : 0;
  }
  CHECK(disorder == 0);
  CHECK(ties > trace.ops.size() / 3);
}

TEST_CASE("drivers' shares merge into the trace, however many there are", "[workloads][trace]") {
  Scenario scenario = built_in("community");
  scenario.lap_operations = 20'000;
  for (const double rate : {1e4, 1e9}) {
    const Trace trace = make_trace(scenario, 5, 300, {ArrivalLaw::poisson, rate});
    for (const unsigned drivers : {1U, 2U, 8U, 500U}) {
      const auto shares = split_by_driver(trace, drivers);
      REQUIRE(shares.size() == drivers);
      std::vector<Op> merged;
      std::size_t strangers = 0;
      for (unsigned driver = 0; driver < drivers; ++driver) {
        for (const Op& op : shares[driver]) {
          strangers += op.client % drivers == driver ? 0 : 1;
          merged.push_back(op);
        }
      }
      std::sort(merged.begin(), merged.end(), [](const Op& a, const Op& b) { return key(a) < key(b); });
      CHECK(strangers == 0);
      REQUIRE(merged.size() == trace.ops.size());
      CHECK(std::equal(merged.begin(), merged.end(), trace.ops.begin(), same));
      Trace again = trace;
      again.ops = merged;
      CHECK(hash_of(again) == trace.hash);
    }
  }
}

}  // namespace
}  // namespace crosstalk::workloads
