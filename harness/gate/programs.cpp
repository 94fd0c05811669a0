#include "harness/gate/programs.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "reports/csv_writer.h"

namespace crosstalk::harness::gate {

namespace {

using std::filesystem::path;

std::vector<path> copies_of(const std::vector<path>& programs, const path& folder, char letter) {
  std::vector<path> copies;
  for (std::size_t i = 0; i < programs.size(); ++i) {
    const std::string number = (i < 10 ? "0" : "") + std::to_string(i);
    copies.push_back(folder / ("crosstalk-" + std::string(1, letter) + number));
    std::error_code error;
    std::filesystem::copy_file(programs[i], copies.back(), std::filesystem::copy_options::overwrite_existing,
                               error);
    if (error)
      throw reports::OutputError(copies.back().string() + ": cannot be made a copy of " +
                                 programs[i].string() + ": " + error.message());
  }
  return copies;
}

bool have_equal_bytes(const path& one, const path& other) {
  std::ifstream a(one, std::ios::binary);
  std::ifstream b(other, std::ios::binary);
  using Bytes = std::istreambuf_iterator<char>;
  return std::equal(Bytes(a), Bytes(), Bytes(b), Bytes());
}

}  // namespace

Programs::Programs(path folder, const std::vector<path>& base, const std::vector<path>& head)
    : folder_(std::move(folder)) {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error) throw reports::OutputError(folder_.string() + ": " + error.message());
  base_ = {"base", "--base", copies_of(base, folder_, 'b')};
  head_ = {"head", "--head", copies_of(head, folder_, 'h')};
  control_ = {"control", "--base (second copy)", copies_of(base, folder_, 'c')};
}

Programs::~Programs() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

bool Programs::are_equal() const {
  return base_.layouts.size() == head_.layouts.size() &&
         std::equal(base_.layouts.begin(), base_.layouts.end(), head_.layouts.begin(), have_equal_bytes);
}

}  // namespace crosstalk::harness::gate
