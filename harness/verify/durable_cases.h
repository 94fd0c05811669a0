// How what writes to disk is tried: a store beside others that hold its locks, a file whose writer is killed at any instant.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "harness/verify/case_run.h"

namespace crosstalk::harness::verify {

class StoreOnTrial {
 public:
  virtual ~StoreOnTrial() = default;
  // True: acknowledged.
  [[nodiscard]] virtual bool append(std::int64_t number) = 0;
};
// Opens a store in an SQLite file, in its table `numbers(number)`, which is there.
using AnyStore = std::function<std::unique_ptr<StoreOnTrial>(const std::string& file)>;

// Puts the text in the file's place, as a whole.
using AnyRewriter = std::function<void(const std::string& file, const std::string& text)>;

[[nodiscard]] std::vector<VerifyCase> store_cases(const AnyStore& any);
[[nodiscard]] std::vector<VerifyCase> file_cases(const AnyRewriter& any);

}  // namespace crosstalk::harness::verify
