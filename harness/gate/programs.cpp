#include "harness/gate/programs.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "reports/output_error.h"

namespace crosstalk::harness::gate {

namespace {

using std::filesystem::path;

class OpenFile {
 public:
  OpenFile(const path& file, int flags) : number_(::open(file.c_str(), flags | O_CLOEXEC, 0700)) {}
  ~OpenFile() {
    if (number_ >= 0) ::close(number_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  [[nodiscard]] int number() const noexcept { return number_; }

 private:
  int number_;
};

// 0, or the error number. (std::filesystem::copy_file says "Input/output error" of a full disk.)
int copy_error(const path& from, const path& to) {
  const OpenFile in(from, O_RDONLY);
  if (in.number() < 0) return errno;
  const OpenFile out(to, O_WRONLY | O_CREAT | O_TRUNC);
  if (out.number() < 0) return errno;
  std::vector<char> buffer(1 << 20);
  for (;;) {
    const ssize_t got = ::read(in.number(), buffer.data(), buffer.size());
    if (got < 0) return errno;
    if (got == 0) return 0;
    for (ssize_t written = 0; written < got;) {
      const ssize_t more =
          ::write(out.number(), buffer.data() + written, static_cast<std::size_t>(got - written));
      if (more < 0) return errno;
      written += more;
    }
  }
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
  try {
    copy_all(base, head);
  } catch (...) {
    remove_all();
    throw;
  }
}

Programs::~Programs() {
  remove_all();
}

void Programs::copy_all(const std::vector<path>& base, const std::vector<path>& head) {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error) throw reports::OutputError(folder_.string() + ": " + error.message());
  base_ = {"base", "--base", copies_of(base, 'b')};
  head_ = {"head", "--head", copies_of(head, 'h')};
  control_ = {"control", "--base (second copy)", copies_of(base, 'c')};
}

std::vector<path> Programs::copies_of(const std::vector<path>& programs, char letter) {
  std::vector<path> copies;
  for (std::size_t i = 0; i < programs.size(); ++i) {
    const std::string number = (i < 10 ? "0" : "") + std::to_string(i);
    copies.push_back(folder_ / ("crosstalk-" + std::string(1, letter) + number));
    made_.push_back(copies.back());
    if (const int error = copy_error(programs[i], copies.back()))
      throw reports::OutputError(copies.back().string() + ": cannot be made a copy of " +
                                 programs[i].string() + ": " + std::strerror(error));
  }
  return copies;
}

void Programs::remove_all() noexcept {
  std::error_code ignored;
  for (const path& copy : made_) std::filesystem::remove(copy, ignored);
  std::filesystem::remove(folder_, ignored);  // which fails where somebody else has files there
}

bool Programs::are_equal() const {
  return base_.layouts.size() == head_.layouts.size() &&
         std::equal(base_.layouts.begin(), base_.layouts.end(), head_.layouts.begin(), have_equal_bytes);
}

}  // namespace crosstalk::harness::gate
