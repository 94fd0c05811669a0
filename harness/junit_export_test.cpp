#include "harness/junit_export.h"

#include <catch2/catch.hpp>

#include "harness/recorded_test_help.h"

namespace crosstalk::harness {
namespace {

TEST_CASE("each trial is a test case, and its status the verdict", "[harness][junit_export]") {
  auto results = usual_results();
  results[0].verified = false;
  results[0].status_reason = "law broken: reach";
  results[1].status = reports::Status::failed;
  results[1].status_reason = "killed by signal 11";
  const WrittenFolder written(results);
  const std::string xml = junit_xml(written.read());
  CHECK_THAT(xml, Catch::Contains(
                      "<testsuites name=\"crosstalk\" tests=\"5\" failures=\"1\" errors=\"1\" skipped=\"1\" "
                      "time=\"1.000\">"));
  CHECK_THAT(xml, Catch::Contains("<failure type=\"law_broken\" message=\"law broken: reach\"/>"));
  CHECK_THAT(xml, Catch::Contains("<error type=\"failed\" message=\"killed by signal 11\"/>"));
  CHECK_THAT(
      xml, Catch::Contains("<skipped message=\"contaminated: others took 9 % &lt;of&gt; &quot;it&quot;\"/>"));
  CHECK_THAT(xml, Catch::Contains("name=\"a/a, trial 3 of run r1\" time=\"0.200\"/>"));
}

TEST_CASE("what saturated a server is a finding and passes", "[harness][junit_export]") {
  reports::RunResult result = tournament_trial("a/a", 0, 1'000);
  result.status = reports::Status::saturated;
  const WrittenFolder written({result});
  CHECK_THAT(junit_xml(written.read()), Catch::Contains("failures=\"0\" errors=\"0\" skipped=\"0\""));
}

TEST_CASE("XML holds only what XML can hold", "[harness][junit_export]") {
  CHECK(xml_text("a<b>&\"c\"") == "a&lt;b&gt;&amp;&quot;c&quot;");
  CHECK(xml_text(std::string("\x01\x1b\0x\n", 5)) == "   x ");
  CHECK(xml_text("\xEF\xBF\xBF.\xEF\xBF\xBE") == "\xEF\xBF\xBD.\xEF\xBF\xBD");
  CHECK(xml_text("\xED\xA0\x80.") == "\xEF\xBF\xBD.");      // a surrogate
  CHECK(xml_text("\xF4\x90\x80\x80.") == "\xEF\xBF\xBD.");  // beyond Unicode
  CHECK(xml_text("\xE0\x80\x80.") == "\xEF\xBF\xBD.");      // overlong
  CHECK(xml_text("caf\xC3\xA9 \xF0\x9F\x92\xAC") == "caf\xC3\xA9 \xF0\x9F\x92\xAC");
}

}  // namespace
}  // namespace crosstalk::harness
