// The name somebody probably meant: the one with the smallest edit distance (Levenshtein; neighbours swapped
// count as one), if it is close enough to be worth saying.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace crosstalk::workloads {

// Empty where nothing is near.
[[nodiscard]] std::string nearest(std::string_view given, const std::vector<std::string>& names);

// ", did you mean 'x'?" or nothing.
[[nodiscard]] std::string did_you_mean(std::string_view given, const std::vector<std::string>& names);

}  // namespace crosstalk::workloads
