// What ends a gate before its verdict: a program that crashed, answered wrongly, cannot be compared, or cannot be written of.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace crosstalk::harness::gate {

// The text is one sentence that names the program (--base, --head), the scenario and what happened.
class GateStop : public std::runtime_error {
 public:
  // `page`: what the program under test said before its last line, where that is worth reading.
  GateStop(int code, const std::string& why, std::string page = {})
      : std::runtime_error(why), code_(code), page_(std::move(page)) {}
  [[nodiscard]] int code() const noexcept { return code_; }  // the gate's exit code
  [[nodiscard]] const std::string& page() const noexcept { return page_; }

 private:
  int code_;
  std::string page_;
};

}  // namespace crosstalk::harness::gate
