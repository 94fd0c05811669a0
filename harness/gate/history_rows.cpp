#include "harness/gate/history_rows.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "harness/gate/metric_limits.h"
#include "harness/settings.h"
#include "harness/values.h"

namespace crosstalk::harness::gate {

namespace {

constexpr double kNormal95 = 1.959963984540054;  // half the width of a 95 % interval, in standard errors

std::string fact_of(const reports::Facts& facts, std::string_view key) {
  const auto found =
      std::find_if(facts.begin(), facts.end(), [&](const auto& fact) { return fact.first == key; });
  return found == facts.end() ? "unknown" : found->second;
}

// FNV-1a, 64 bits: tells builds apart that differ by accident; nobody is to be kept from making two that do not.
class ByteHash {
 public:
  void add(std::string_view bytes) noexcept {
    for (const char byte : bytes) value_ = (value_ ^ static_cast<unsigned char>(byte)) * 0x100000001B3U;
  }
  [[nodiscard]] std::string digits() const {
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value_));
    return text;
  }

 private:
  std::uint64_t value_ = 0xCBF29CE484222325U;
};

std::string hash_of_file(const std::filesystem::path& file) {
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  ByteHash hash;
  std::array<char, 1 << 16> buffer;
  while (in) {
    in.read(buffer.data(), buffer.size());
    hash.add({buffer.data(), static_cast<std::size_t>(in.gcount())});
  }
  if (!in.eof()) throw UsageError("--base: " + shown(file.string()) + ": " + std::strerror(errno));
  return hash.digits();
}

// Of head / anchor - 1: a log-ratio, turned so that above 0 is worse.
double loss_of_change(double change, reports::Better better) noexcept {
  const double ratio = std::log1p(change);
  return better == reports::Better::smaller ? ratio : -ratio;
}

std::string utc_of(std::time_t time) {
  std::tm utc{};
  gmtime_r(&time, &utc);
  char text[40];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

void take_row(reports::HistoryRow& to, const reports::GateRow& row) {
  to.scenario = row.scenario;
  to.metric = row.metric.name;
  to.pairs = row.pairs;
  to.verdict = row.verdict;
  if (row.change) to.loss = loss_of_change(*row.change, row.metric.better);
  if (row.metric.name == kInstructions && to.loss) {  // counted: exact, without pairs
    to.interval = reports::Span{*to.loss, *to.loss};
    to.error = 0;
  }
  if (!row.interval) return;
  const double one = loss_of_change(row.interval->low, row.metric.better);
  const double other = loss_of_change(row.interval->high, row.metric.better);
  to.interval = reports::Span{std::min(one, other), std::max(one, other)};
  to.error = (to.interval->high - to.interval->low) / (2 * kNormal95);
}

}  // namespace

std::string machine_key(const reports::Facts& facts) {
  const std::string online = fact_of(facts, "cpus_online");
  const std::string usable = fact_of(facts, "cpus_usable");
  return fact_of(facts, "cpu_model") + ", " + (usable == online ? online : usable + " of " + online) +
         (online == "1" ? " CPU, " : " CPUs, ") + fact_of(facts, "architecture");
}

std::string hash_of_programs(std::span<const std::filesystem::path> links) {
  std::vector<std::string> hashes;
  for (const std::filesystem::path& link : links) hashes.push_back(hash_of_file(link));
  if (hashes.size() == 1) return hashes.front();
  std::sort(hashes.begin(), hashes.end());
  ByteHash all;
  for (const std::string& hash : hashes) all.add(hash);
  return all.digits();
}

std::string commit_in(std::string_view version) {
  constexpr std::string_view kBefore = "(commit ";
  const auto begin = version.find(kBefore);
  if (begin == std::string_view::npos) return {};
  version.remove_prefix(begin + kBefore.size());
  const std::string commit(version.substr(0, version.find_first_of(",)")));
  return commit == "unknown" ? "" : commit;
}

std::string work_of(const Contest& contest, std::uint64_t block_ns) {
  std::string work = std::filesystem::path(contest.scenario).filename().string() + " " + contest.strategy +
                     " " + contest.path + " threads=" + std::to_string(contest.threads);
  if (contest.clients) work += " clients=" + std::to_string(*contest.clients);
  return work + " block=" + format_duration(block_ns);
}

std::vector<reports::HistoryRow> history_rows(const GateReport& report, const HistoryOrigin& origin) {
  std::vector<reports::HistoryRow> rows;
  if (!report.stopped.empty()) return rows;
  reports::HistoryRow same{.date = utc_of(origin.time),
                           .machine = origin.machine,
                           .kernel = origin.kernel,
                           .anchor = report.base,
                           .anchor_commit = commit_in(report.base),
                           .anchor_hash = origin.anchor_hash,
                           .head = report.head,
                           .head_commit = commit_in(report.head),
                           .scenario = {},
                           .work = {},
                           .metric = {},
                           .seed = report.seed};
  for (const reports::GateRow& row : report.rows) {
    const ContestReport* contest = report.contest_of(row);
    if (contest == nullptr) continue;
    rows.push_back(same);
    take_row(rows.back(), row);
    rows.back().work = work_of(contest->contest, origin.block_ns);
  }
  return rows;
}

}  // namespace crosstalk::harness::gate
