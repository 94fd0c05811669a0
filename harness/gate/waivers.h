// Regressions that were accepted, for a while and for a reason: a file that is reviewed like code.
//
//     [team throughput]
//     allowed = 8%
//     reason  = history is kept in order now (change 412)
//     expires = 2027-01-31
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace crosstalk::harness::gate {

struct Waiver {
  std::string scenario{}, metric{};
  double allowed = 0;  // 0.08: worse by a factor of 1.08
  std::string reason{};
  std::string expires{};  // the last day on which it holds, 2027-01-31
  std::string place{};    // "waivers.ini:3"
};

class Waivers {
 public:
  Waivers() = default;
  explicit Waivers(std::vector<Waiver> waivers) : waivers_(std::move(waivers)) {}

  // Null: nothing is waived.
  [[nodiscard]] const Waiver* find(std::string_view scenario, std::string_view metric) const noexcept;
  [[nodiscard]] const std::vector<Waiver>& all() const noexcept { return waivers_; }

 private:
  std::vector<Waiver> waivers_;
};

// `today`: 2026-11-26. Throws UsageError with file and line: what is missing or cannot be read, and a waiver that has
// expired, for it is no longer anybody's decision.
[[nodiscard]] Waivers parse_waivers(const std::string& file, std::string_view text, std::string_view today);
[[nodiscard]] Waivers read_waivers(const std::filesystem::path& file, std::string_view today);

// The day in UTC, so that a waiver ends everywhere at once.
[[nodiscard]] std::string today_utc();

}  // namespace crosstalk::harness::gate
