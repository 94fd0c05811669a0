#include "pool/locks/hemlock.h"

#include <catch2/catch.hpp>

#include "pool/locks/exclusive_checks.h"

namespace crosstalk::pool {
namespace {

TEST_CASE("hemlock: keeps its contract with few and with many threads", "[pool][lock][hemlock][stress]") {
  check_contract<Hemlock>();
}

TEST_CASE("hemlock: may be destroyed right after the last unlock", "[pool][lock][hemlock][stress]") {
  check_churn<Hemlock>(2);
  check_churn<Hemlock>(5);
}

TEST_CASE("hemlock: a thread holds many at once and releases them in any order",
          "[pool][lock][hemlock][stress]") {
  check_many_held<Hemlock>(3, 50);
  check_many_held<Hemlock>(1, 10'000);
}

TEST_CASE("hemlock: threads end while it lives on", "[pool][lock][hemlock][stress]") {
  check_thread_ends<Hemlock>();
}

TEST_CASE("hemlock: a try beside a holder and waiters fails and leaves nothing", "[pool][lock][hemlock]") {
  check_try_beside_waiters<Hemlock>();
}

TEST_CASE("hemlock: serves in order of arrival", "[pool][lock][hemlock]") {
  check_arrival_order<Hemlock>(1);
  check_arrival_order<Hemlock>(7);
}

}  // namespace
}  // namespace crosstalk::pool
