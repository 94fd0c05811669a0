// Whatever bytes a result file holds: refused with file, line and reason, or rows. The first byte says which file it is.
#include <cstdlib>

#include "reports/csv_verdict.h"

namespace {

void require(bool held) {
  if (!held) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace crosstalk::reports;
  if (size == 0) return 0;
  const auto files = result_files();
  // As text, so that a seed can be written by hand: 0 is runs.csv.
  const std::string_view name = files[(data[0] - std::size_t{'0'}) % files.size()].name;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string verdict = csv_verdict(name.substr(0, name.size() - 4), bytes);
  if (verdict.starts_with("accepted")) {
    // A row a line, and one for the header; a value is never a word for what is no number.
    const auto rows = std::count(verdict.begin(), verdict.end(), '\n');
    require(rows + 1 == std::count(bytes.begin(), bytes.end(), '\n'));
    return 0;
  }
  require(verdict.starts_with("refused " + std::string(name) + ":"));
  require(verdict.find_first_of("\r\n") == std::string::npos);
  return 0;
}
