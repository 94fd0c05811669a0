#include "pool/locks/clh_lock.h"

#include <catch2/catch.hpp>

#include "pool/locks/exclusive_checks.h"

namespace crosstalk::pool {
namespace {

TEST_CASE("clh: keeps its contract with few and with many threads", "[pool][lock][clh][stress]") {
  check_contract<ClhLock>();
}

TEST_CASE("clh: may be destroyed right after the last unlock", "[pool][lock][clh][stress]") {
  check_churn<ClhLock>(2);
  check_churn<ClhLock>(5);
}

TEST_CASE("clh: a thread holds many at once and releases them in any order", "[pool][lock][clh][stress]") {
  check_many_held<ClhLock>(3, 50);
  check_many_held<ClhLock>(1, 10'000);
}

TEST_CASE("clh: threads end while it lives on", "[pool][lock][clh][stress]") {
  check_thread_ends<ClhLock>();
}

TEST_CASE("clh: a try beside a holder and waiters fails and leaves nothing", "[pool][lock][clh]") {
  check_try_beside_waiters<ClhLock>();
}

TEST_CASE("clh: serves in order of arrival", "[pool][lock][clh]") {
  check_arrival_order<ClhLock>(1);
  check_arrival_order<ClhLock>(7);
}

}  // namespace
}  // namespace crosstalk::pool
