#include "harness/gate/programs.h"

#include <catch2/catch.hpp>

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

TEST_CASE("a copy that cannot be made is an error of the output", "[harness][gate]") {
  const TestFolder folder;
  CHECK_THROWS_AS(Programs("/proc/nowhere", {folder.put("a", "")}, {}), reports::OutputError);
}

}  // namespace
}  // namespace crosstalk::harness::gate
