#pragma once

#include <stdexcept>

namespace crosstalk::reports {

// Results could not be written; the text names the path and the system's reason.
class OutputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace crosstalk::reports
