#include "pool/locks/ticket_lock.h"

#include <catch2/catch.hpp>

#include "pool/locks/exclusive_checks.h"

namespace crosstalk::pool {
namespace {

TEST_CASE("ticket: keeps its contract with few and with many threads", "[pool][lock][ticket][stress]") {
  check_contract<TicketLock>();
}

TEST_CASE("ticket: may be destroyed right after the last unlock", "[pool][lock][ticket][stress]") {
  check_churn<TicketLock>(2);
  check_churn<TicketLock>(5);
}

TEST_CASE("ticket: a thread holds many at once and releases them in any order",
          "[pool][lock][ticket][stress]") {
  check_many_held<TicketLock>(3, 50);
  check_many_held<TicketLock>(1, 10'000);
}

TEST_CASE("ticket: threads end while it lives on", "[pool][lock][ticket][stress]") {
  check_thread_ends<TicketLock>();
}

TEST_CASE("ticket: a try beside a holder and waiters fails and leaves nothing", "[pool][lock][ticket]") {
  check_try_beside_waiters<TicketLock>();
}

TEST_CASE("ticket: serves in order of arrival", "[pool][lock][ticket]") {
  check_arrival_order<TicketLock>(1);
  check_arrival_order<TicketLock>(7);
}

}  // namespace
}  // namespace crosstalk::pool
