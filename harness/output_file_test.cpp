#include <catch2/catch.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <ostream>
#include <string>

#include "harness/command_line_test_support.h"
#include "harness/descriptor_buffer.h"
#include "harness/output_file.h"
#include "reports/output_error.h"

namespace crosstalk::harness {
namespace {

namespace fs = std::filesystem;

std::size_t files_in(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST_CASE("a file appears when it is complete, and replaces the one before", "[harness][output]") {
  const TestFolder folder;
  const fs::path path = folder.put("out.csv", "before");
  OutputFile file(path);
  file.stream() << "after";
  CHECK(content_of(path) == "before");
  file.commit();
  CHECK(content_of(path) == "after");
  CHECK(files_in(folder.path) == 1);
}

TEST_CASE("a file that is given up leaves nothing behind", "[harness][output]") {
  const TestFolder folder;
  { OutputFile(folder.path / "out.csv").stream() << "half"; }
  CHECK(files_in(folder.path) == 0);
}

TEST_CASE("a file that cannot be written is an error that names it", "[harness][output]") {
  const TestFolder folder;
  CHECK_THROWS_WITH(OutputFile(folder.path), folder.path.string() + ": Is a directory");
  CHECK_THROWS_WITH(OutputFile(folder.path / "no" / "out"),
                    (folder.path / "no" / "out").string() + ": No such file or directory");
  OutputFile full("/dev/full");
  full.stream() << "x";
  CHECK_THROWS_WITH(full.commit(), "/dev/full: No space left on device");
  CHECK(fs::exists("/dev/full"));
}

TEST_CASE("a descriptor gets every byte in order", "[harness][output]") {
  const TestFolder folder;
  const fs::path path = folder.put("out", "");
  const int descriptor = ::open(path.c_str(), O_WRONLY);
  REQUIRE(descriptor >= 0);
  std::string expected;
  {
    DescriptorBuffer buffer(descriptor);
    std::ostream out(&buffer);
    for (int i = 0; i < 50'000; ++i) {  // several times the buffer
      out << i << '\n';
      expected += std::to_string(i) + "\n";
    }
    out.flush();
    CHECK(buffer.error() == 0);
  }
  ::close(descriptor);
  CHECK(content_of(path) == expected);
}

TEST_CASE("a descriptor that fails says why, once and for all", "[harness][output]") {
  const int full = ::open("/dev/full", O_WRONLY);
  REQUIRE(full >= 0);
  DescriptorBuffer buffer(full);
  std::ostream out(&buffer);
  out << "x" << std::flush;
  CHECK(out.bad());
  CHECK(buffer.error() == ENOSPC);
  ::close(full);

  int pipe_ends[2];
  REQUIRE(::pipe(pipe_ends) == 0);
  ::close(pipe_ends[0]);
  auto* handler = std::signal(SIGPIPE, SIG_IGN);
  DescriptorBuffer broken(pipe_ends[1]);
  std::ostream gone(&broken);
  gone << std::string(200'000, 'x') << std::flush;
  CHECK(broken.error() == EPIPE);
  std::signal(SIGPIPE, handler);
  ::close(pipe_ends[1]);
}

}  // namespace
}  // namespace crosstalk::harness
