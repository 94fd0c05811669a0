#include "harness/probing_options.h"

#include <catch2/catch.hpp>

namespace crosstalk::harness {
namespace {

Settings with(const std::string& flag) {
  Settings settings;
  settings.add({.flag = flag, .text = "true", .layer = Layer::arguments, .origin = "--" + flag});
  return settings;
}

TEST_CASE("what is to be looked at is taken into the row", "[harness][options]") {
  Settings anatomy = with("anatomy");
  Settings count = with("count");
  PlanRow row;
  read_probing(anatomy, row);
  CHECK(row.anatomy);
  CHECK_FALSE(row.count);
  read_probing(count, row);
  CHECK_FALSE(row.anatomy);
  CHECK(row.count);
}

TEST_CASE("what cannot be counted is refused with the flag", "[harness][options]") {
  Settings count = with("count");
  PlanRow row;
  row.path = Path::pooled;
  row.pool = "asio";
  CHECK_THROWS_WITH(read_probing(count, row), "--count: needs pool crosstalk on the pooled path, got asio");
  row.path = Path::direct;
  CHECK_NOTHROW(read_probing(count, row));
  row.dispatch = pool::Dispatch::pooled;
  CHECK_NOTHROW(read_probing(count, row));
  row.dispatch = pool::Dispatch::thread;
  CHECK_THROWS_WITH(read_probing(count, row), "--count: needs dispatch inline or pooled, got thread");
}

}  // namespace
}  // namespace crosstalk::harness
