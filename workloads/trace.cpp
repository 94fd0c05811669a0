#include "workloads/trace.h"

#include <algorithm>
#include <cmath>

#include "workloads/hash.h"

namespace crosstalk::workloads {

namespace {

std::uint64_t pair(std::uint32_t high, std::uint32_t low) noexcept {
  return std::uint64_t{high} << 32 | low;
}

bool by_client(const Op& a, const Op& b) noexcept {
  return pair(a.client, a.sequence) < pair(b.client, b.sequence);
}

// Orders operations of one nanosecond; the fractions of it stay ascending.
void order_run(Op* first, Op* last) {
  if (std::is_sorted(first, last, by_client)) return;
  std::vector<double> instants;
  for (const Op* op = first; op != last; ++op) instants.push_back(op->intended_ns);
  std::sort(first, last, by_client);
  for (const double instant : instants) first++->intended_ns = instant;
}

}  // namespace

std::uint64_t hash_of(const Trace& trace) noexcept {
  Hash hash;
  hash.add(pair(trace.clients, trace.rooms));
  hash.add(std::uint64_t{trace.connected.size()});
  for (const std::uint32_t client : trace.connected) hash.add(std::uint64_t{client});
  hash.add(std::uint64_t{trace.members.size()});
  for (const Membership& member : trace.members) hash.add(pair(member.client, member.room));
  for (const Op& op : trace.ops) {
    hash.add(static_cast<std::uint64_t>(std::llround(op.intended_ns)));
    hash.add(pair(op.client, op.room));
    hash.add(pair(op.target, op.bytes));
    // A fault changes the hash only where there is one.
    hash.add(
        pair(op.sequence, static_cast<std::uint32_t>(op.kind) | static_cast<std::uint32_t>(op.fault) << 8));
  }
  return hash.value();
}

void order_within_instants(std::vector<Op>& ops) {
  Op* const end = ops.data() + ops.size();
  for (Op* first = ops.data(); first != end;) {
    const long long instant = std::llround(first->intended_ns);
    Op* last = first + 1;
    while (last != end && std::llround(last->intended_ns) == instant) ++last;
    order_run(first, last);
    first = last;
  }
}

std::vector<std::vector<Op>> split_by_driver(const Trace& trace, unsigned drivers) {
  std::vector<std::size_t> counts(drivers);
  for (const Op& op : trace.ops) ++counts[op.client % drivers];
  std::vector<std::vector<Op>> result(drivers);
  for (unsigned driver = 0; driver < drivers; ++driver) result[driver].reserve(counts[driver]);
  for (const Op& op : trace.ops) result[op.client % drivers].push_back(op);
  return result;
}

}  // namespace crosstalk::workloads
