// A file of the user's that cannot be used: the text reads FILE:LINE: reason.
#pragma once

#include <stdexcept>

namespace crosstalk::workloads {

class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace crosstalk::workloads
