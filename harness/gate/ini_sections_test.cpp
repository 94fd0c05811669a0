#include "harness/gate/ini_sections.h"

#include <catch2/catch.hpp>

#include <array>

#include "harness/settings.h"

namespace crosstalk::harness::gate {
namespace {

constexpr std::array<std::string_view, 2> kKeys{"margin", "budget"};

std::string refusal_of(std::string_view text) {
  try {
    static_cast<void>(parse_sections("f.ini", text, kKeys));
  } catch (const UsageError& error) {
    return error.what();
  }
  return "accepted";
}

TEST_CASE("sections keep their entries and lines", "[harness][gate]") {
  const auto sections =
      parse_sections("f.ini", "# limits\r\n[ a b ]\r\nmargin = 5 %\r\n\n; more\n[c]\nbudget=\n", kKeys);
  REQUIRE(sections.size() == 2);
  CHECK(sections[0].name == "a b");
  CHECK(sections[0].line == 2);
  REQUIRE(sections[0].find("margin") != nullptr);
  CHECK(sections[0].find("margin")->value == "5 %");
  CHECK(sections[0].find("margin")->line == 3);
  CHECK(sections[0].find("budget") == nullptr);
  REQUIRE(sections[1].find("budget") != nullptr);
  CHECK(sections[1].find("budget")->value.empty());
}

TEST_CASE("what is wrong in a file of sections is told with its line", "[harness][gate]") {
  CHECK(refusal_of("[a]\nmargn = 1\n") == "f.ini:2: unknown key 'margn', did you mean 'margin'?");
  CHECK_THAT(refusal_of("\nmargin = 1\n"), Catch::StartsWith("f.ini:2: a key must stand below a [section]"));
  CHECK_THAT(refusal_of("[a\n"), Catch::StartsWith("f.ini:1: a section must end with ']'"));
  CHECK_THAT(refusal_of("[]\n"), Catch::StartsWith("f.ini:1: a section must have a name"));
  CHECK_THAT(refusal_of("[a]\nmargin\n"), Catch::StartsWith("f.ini:2: must be [section] or key = value"));
  CHECK_THAT(refusal_of("[a]\nmargin=1\nmargin=1\n"), Catch::StartsWith("f.ini:3: margin: is given twice"));
  CHECK_THAT(refusal_of("[a]\n[a]\n"), Catch::StartsWith("f.ini:2: [a] stands in line 1 already"));
  CHECK_THROWS_AS(read_sections("/nowhere.ini", kKeys), UsageError);
}

}  // namespace
}  // namespace crosstalk::harness::gate
