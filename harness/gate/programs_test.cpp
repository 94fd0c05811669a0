#include "harness/gate/programs.h"

#include <catch2/catch.hpp>

#include <iterator>

#include "harness/command_line_test_support.h"
#include "reports/output_error.h"

namespace crosstalk::harness::gate {
namespace {

TEST_CASE("programs are copied to paths of equal length, and go with the gate", "[harness][gate]") {
  const TestFolder folder;
  const std::string one = folder.put("one", "1");
  const std::string longer = folder.put("a-longer-name", "2");
  const std::filesystem::path copies = folder.path / "bin";
  {
    const Programs programs(copies, {one, longer}, {longer, one});
    CHECK(content_of(programs.base().layouts[0]) == "1");
    CHECK(content_of(programs.head().layouts[0]) == "2");
    CHECK(content_of(programs.control().layouts[1]) == "2");
    for (const Arm* arm : {&programs.base(), &programs.head(), &programs.control()}) {
      for (const auto& layout : arm->layouts)
        CHECK(layout.string().size() == programs.base().layouts[0].string().size());
    }
    CHECK_FALSE(programs.are_equal());
  }
  CHECK_FALSE(std::filesystem::exists(copies));
  CHECK(Programs(copies, {one}, {folder.put("same", "1")}).are_equal());
  CHECK_FALSE(Programs(copies, {one}, {folder.put("longer", "11")}).are_equal());
}

TEST_CASE("what else lies in the folder stays", "[harness][gate]") {
  const TestFolder folder;
  const std::filesystem::path mine = folder.path / "programs";
  std::filesystem::create_directories(mine);
  const std::string old_one = folder.put("programs/old", "1");
  { const Programs programs(mine, {old_one}, {old_one}); }
  CHECK(content_of(old_one) == "1");
  CHECK(std::distance(std::filesystem::directory_iterator(mine), {}) == 1);
  // Nor does a copy stay where another one could not be made.
  CHECK_THROWS_AS(Programs(mine, {old_one}, {folder.path / "nowhere"}), reports::OutputError);
  CHECK(std::distance(std::filesystem::directory_iterator(mine), {}) == 1);
}

TEST_CASE("a copy that cannot be made is an error of the output", "[harness][gate]") {
  const TestFolder folder;
  CHECK_THROWS_AS(Programs("/proc/nowhere", {folder.put("a", "")}, {}), reports::OutputError);
}

}  // namespace
}  // namespace crosstalk::harness::gate
