// What ends a gate before its verdict: a program that crashed, answered wrongly, cannot be compared, or cannot be written of.
#pragma once

#include <stdexcept>
#include <string>

namespace crosstalk::harness::gate {

// The text is one sentence that names the program (--base, --head), the scenario and what happened.
class GateStop : public std::runtime_error {
 public:
  GateStop(int code, const std::string& why) : std::runtime_error(why), code_(code) {}
  [[nodiscard]] int code() const noexcept { return code_; }  // the gate's exit code

 private:
  int code_;
};

}  // namespace crosstalk::harness::gate
