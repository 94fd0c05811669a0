// A command line as a shell takes it, for the record.
#pragma once

#include <string>
#include <vector>

namespace crosstalk::harness {

// "crosstalk run --strategy 'coarse/*'": words that a shell would read otherwise are quoted.
[[nodiscard]] std::string command_text(const std::string& command, const std::vector<std::string>& arguments);

}  // namespace crosstalk::harness
