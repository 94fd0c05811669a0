#include "harness/scratch_folder.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <system_error>

namespace crosstalk::harness {
namespace {

namespace fs = std::filesystem;

TEST_CASE("a scratch folder is new, and gone with its contents at the end", "[harness][scratch_folder]") {
  const fs::path parent = fs::temp_directory_path() / "crosstalk-scratch-test";
  fs::path first;
  {
    const ScratchFolder one(parent);
    const ScratchFolder other(parent);
    first = one.path();
    CHECK(one.path() != other.path());
    CHECK(fs::is_directory(one.path()));
    fs::create_directory(first / "inner");
    std::ofstream(first / "inner" / "file") << "something";
  }
  CHECK_FALSE(fs::exists(first));
  CHECK(fs::is_empty(parent));
  fs::remove(parent);
}

TEST_CASE("a scratch folder that cannot be made is an error that names its parent",
          "[harness][scratch_folder]") {
  CHECK_THROWS_WITH(ScratchFolder("/dev/null/x"), Catch::Contains("/dev/null"));
}

}  // namespace
}  // namespace crosstalk::harness
