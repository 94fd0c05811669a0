#include "workloads/describe.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "workloads/occupancy.h"

namespace crosstalk::workloads {

namespace {

constexpr double kSecondNs = 1e9;

void count_deliveries(const Trace& trace, TraceSummary& summary) {
  Occupancy occupancy(trace);
  std::uint64_t of_posts = 0;
  std::vector<std::uint64_t> posts(trace.rooms);
  for (const Op& op : trace.ops) {
    const bool done = occupancy.apply(op);
    if (op.kind == OpKind::direct && done) ++summary.deliveries;
    if (op.kind != OpKind::post) continue;
    ++posts[op.room];
    if (done) of_posts += occupancy.members(op.room) - 1;
  }
  summary.deliveries += of_posts;
  const std::uint64_t all = summary.count[static_cast<std::size_t>(OpKind::post)];
  if (all == 0) return;
  summary.fan_out_mean = static_cast<double>(of_posts) / static_cast<double>(all);
  summary.top_room_share =
      static_cast<double>(*std::max_element(posts.begin(), posts.end())) / static_cast<double>(all);
}

void measure_lengths(const Trace& trace, TraceSummary& summary) {
  std::vector<std::uint32_t> lengths;
  for (const Op& op : trace.ops) {
    if (op.kind == OpKind::post || op.kind == OpKind::direct) lengths.push_back(op.bytes);
  }
  if (lengths.empty()) return;
  std::sort(lengths.begin(), lengths.end());
  const auto percentile = [&](std::size_t percent) {
    return lengths[(lengths.size() * percent + 99) / 100 - 1];
  };
  const auto sum = std::accumulate(lengths.begin(), lengths.end(), std::uint64_t{0});
  summary.length_mean_bytes = static_cast<double>(sum) / static_cast<double>(lengths.size());
  summary.length_p50_bytes = percentile(50);
  summary.length_p90_bytes = percentile(90);
  summary.length_p99_bytes = percentile(99);
  summary.length_max_bytes = lengths.back();
}

void measure_rates(const Trace& trace, TraceSummary& summary) {
  if (trace.lap_ns <= 0) return;
  summary.rate_mean_ops_s = static_cast<double>(trace.ops.size()) / trace.lap_ns * kSecondNs;
  summary.rate_peak_ops_s = summary.rate_mean_ops_s;
  if (trace.lap_ns < 2 * kSecondNs) return;
  std::uint64_t most = 0;
  std::uint64_t count = 0;
  double second = 0;
  for (const Op& op : trace.ops) {
    const double at = std::floor(op.intended_ns / kSecondNs);
    if (at > second) count = 0;
    second = std::max(second, at);
    most = std::max(most, ++count);
  }
  summary.rate_peak_ops_s = static_cast<double>(most);
}

}  // namespace

TraceSummary describe(const Trace& trace) {
  TraceSummary summary;
  summary.clients = trace.clients;
  summary.rooms = trace.rooms;
  summary.sessions = trace.connected.size();
  summary.memberships = trace.members.size();
  summary.operations = trace.ops.size();
  for (const Op& op : trace.ops) ++summary.count[static_cast<std::size_t>(op.kind)];
  summary.duration_ns = trace.lap_ns;
  count_deliveries(trace, summary);
  measure_lengths(trace, summary);
  measure_rates(trace, summary);
  return summary;
}

}  // namespace crosstalk::workloads
