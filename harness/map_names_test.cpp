#include "harness/map_names.h"

#include <catch2/catch.hpp>

namespace crosstalk::harness {
namespace {

TEST_CASE("mechanisms stand for strategies where no two are the same", "[harness][map_names]") {
  const MapNames names({"sharded/mcs"}, {"sharded/mcs", "snapshot/rcu"}, 20);
  CHECK(names.of("sharded/mcs") == "mcs");
  CHECK(names.key().empty());
}

TEST_CASE("of two servers with the same mechanism the whole name is told", "[harness][map_names]") {
  const MapNames names({"sharded/mcs"}, {"sharded/mcs", "coarse/mcs"}, 20);
  CHECK(names.of("sharded/mcs") == "sharded/mcs");
}

TEST_CASE("letters stand for names that there is no room for", "[harness][map_names]") {
  const MapNames names({"sharded/std_shared_mutex", "sharded/mcs"},
                       {"sharded/std_shared_mutex", "sharded/mcs"}, 10);
  CHECK(names.of("sharded/mcs") == "A");
  CHECK(names.of("sharded/std_shared_mutex") == "B");
  CHECK(names.key() == "A: sharded/mcs, B: sharded/std_shared_mutex");
  std::set<std::string> many;
  for (int i = 0; i < 30; ++i) many.insert("server/" + std::string(static_cast<std::size_t>(i) + 1, 'x'));
  CHECK(MapNames(many, many, 5).of("server/" + std::string(27, 'x')) == "A1");
}

}  // namespace
}  // namespace crosstalk::harness
