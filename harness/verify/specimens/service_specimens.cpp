#include <string>
#include <utility>
#include <vector>

#include "harness/verify/service_cases.h"
#include "harness/verify/specimen.h"
#include "harness/verify/specimens/room_mutants.h"
#include "harness/verify/specimens/service_mutants.h"
#include "harness/verify/watched_lock.h"

namespace crosstalk::harness::verify {

namespace {

void add_service_pair(std::vector<Specimen>& all, const std::string& name, const char* bug,
                      std::vector<VerifyCase> broken, std::vector<VerifyCase> right,
                      std::vector<std::string> properties, bool of_the_chapter) {
  add_pair(all,
           {.name = name,
            .bug = bug,
            .cases = std::move(broken),
            .properties = std::move(properties),
            .of_the_chapter = of_the_chapter,
            .layer = "services"},
           std::move(right));
}

std::vector<VerifyCase> chapter_bus_cases(BusBug bug, pool::BusContract contract = {}) {
  return bus_cases({[bug] { return std::make_unique<ChapterBus>(bug); }, contract});
}
std::vector<VerifyCase> m28_cases(bool broken) {
  return connection_cases(
      {[broken](unsigned most) { return std::make_unique<M28Connections>(most, broken); }, {}});
}
std::vector<VerifyCase> plain_connection_cases(LeaseBug bug) {
  return breakable_cases({[bug](unsigned most, AnyBreakableConnections::Faults faults) {
    return std::make_unique<PlainConnections>(most, std::move(faults), bug);
  }});
}
std::vector<VerifyCase> m08_cases(bool broken) {
  std::vector<VerifyCase> cases = event_cases({[broken] { return std::make_unique<M08Events>(broken); }});
  cases.resize(1);  // the turns: it is for one waiter
  return cases;
}
std::vector<VerifyCase> m11_cases(RoomOrder order) {
  using Rooms = M11Rooms<WatchedLock<std::mutex>>;
  return room_cases({[order](unsigned rooms) { return std::make_unique<Rooms>(rooms, order); }});
}

}  // namespace

void add_service_specimens(std::vector<Specimen>& all) {
  add_service_pair(all, "M08", "an event count whose looks and stores are not ordered", m08_cases(true),
                   m08_cases(false), {"wake-up"}, false);
  all[all.size() - 2].why_not =
      "two processors must meet within some nanoseconds: luck, without store buffers under control";
  add_service_pair(all, "M11", "a transfer locks two rooms in the order of its arguments",
                   m11_cases(RoomOrder::m11_arguments), m11_cases(RoomOrder::ascending), {"no deadlock"},
                   false);
  add_service_pair(all, "M26", "a thread for each callback loses the order",
                   chapter_bus_cases(BusBug::m26_thread_each), chapter_bus_cases(BusBug::none),
                   {"order of a sender"}, true);
  add_service_pair(all, "M27", "a callback is called after it has been unsubscribed",
                   chapter_bus_cases(BusBug::m27_snapshot), chapter_bus_cases(BusBug::none),
                   {"unsubscribing"}, true);
  add_service_pair(all, "M28", "an acquisition that times out leaks a permit", m28_cases(true),
                   m28_cases(false), {"permits"}, false);
  add_service_pair(all, "M49", "a subscriber that throws keeps the event from those behind it",
                   chapter_bus_cases(BusBug::m49_throw_ends), chapter_bus_cases(BusBug::none),
                   {"exactly once"}, true);
  add_service_pair(all, "M50", "callbacks run under the lock of the bus",
                   chapter_bus_cases(BusBug::m50_under_lock), chapter_bus_cases(BusBug::none),
                   {"re-entrancy", "unsubscribing", "progress"}, false);
  add_service_pair(all, "M51", "what the factory throws takes the permit along",
                   plain_connection_cases(LeaseBug::m51_factory), plain_connection_cases(LeaseBug::none),
                   {"permits"}, false);
  add_service_pair(all, "M52", "those who wait are not told that the pool is closed",
                   plain_connection_cases(LeaseBug::m52_close), plain_connection_cases(LeaseBug::none),
                   {"wake-up"}, false);
  all.push_back({.name = "D13",
                 .kind = SpecimenKind::decoy,
                 .bug = "two rooms locked in any order, under one lock for all",
                 .cases = m11_cases(RoomOrder::d13_gate),
                 .properties = {},
                 .of_the_chapter = false,
                 .layer = "lock order"});
  all.push_back(
      {.name = "D09",
       .kind = SpecimenKind::decoy,
       .bug = "a bus that unsubscribes late, and says so",
       .cases = chapter_bus_cases(BusBug::m27_snapshot, {.unsubscribing = pool::Unsubscribing::late}),
       .properties = {},
       .of_the_chapter = false,
       .layer = "services"});
}

}  // namespace crosstalk::harness::verify
