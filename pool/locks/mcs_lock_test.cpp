#include "pool/locks/mcs_lock.h"

#include <catch2/catch.hpp>

#include "pool/locks/exclusive_checks.h"

namespace crosstalk::pool {
namespace {

TEST_CASE("mcs: keeps its contract with few and with many threads", "[pool][lock][mcs][stress]") {
  check_contract<McsLock>();
}

TEST_CASE("mcs: may be destroyed right after the last unlock", "[pool][lock][mcs][stress]") {
  check_churn<McsLock>(2);
  check_churn<McsLock>(5);
}

TEST_CASE("mcs: a thread holds many at once and releases them in any order", "[pool][lock][mcs][stress]") {
  check_many_held<McsLock>(3, 50);
  check_many_held<McsLock>(1, 10'000);
}

TEST_CASE("mcs: threads end while it lives on", "[pool][lock][mcs][stress]") {
  check_thread_ends<McsLock>();
}

TEST_CASE("mcs: a try beside a holder and waiters fails and leaves nothing", "[pool][lock][mcs]") {
  check_try_beside_waiters<McsLock>();
}

TEST_CASE("mcs: serves in order of arrival", "[pool][lock][mcs]") {
  check_arrival_order<McsLock>(1);
  check_arrival_order<McsLock>(7);
}

}  // namespace
}  // namespace crosstalk::pool
