#include "pool/locks/ttas_lock.h"

#include <catch2/catch.hpp>

#include "pool/locks/exclusive_checks.h"

namespace crosstalk::pool {
namespace {

TEST_CASE("ttas: keeps its contract with few and with many threads", "[pool][lock][ttas][stress]") {
  check_contract<TtasLock>();
}

TEST_CASE("ttas: may be destroyed right after the last unlock", "[pool][lock][ttas][stress]") {
  check_churn<TtasLock>(2);
  check_churn<TtasLock>(5);
}

TEST_CASE("ttas: a thread holds many at once and releases them in any order", "[pool][lock][ttas][stress]") {
  check_many_held<TtasLock>(3, 50);
  check_many_held<TtasLock>(1, 10'000);
}

TEST_CASE("ttas: a try beside a holder and waiters fails and leaves nothing", "[pool][lock][ttas]") {
  check_try_beside_waiters<TtasLock>();
}

}  // namespace
}  // namespace crosstalk::pool
