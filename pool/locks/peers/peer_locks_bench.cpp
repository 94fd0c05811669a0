// The locks of other people's libraries; see bench_guard.h.
#include <string_view>

#include "pool/bench_guard.h"
#include "pool/peer_locks.h"

namespace crosstalk::pool {
namespace {

[[maybe_unused]] const int peer_locks_registered = [] {
  for_each_peer_lock([]<class L>(std::string_view name) { bench_register_lock<L>("peer", name); });
  return 0;
}();

}  // namespace
}  // namespace crosstalk::pool
