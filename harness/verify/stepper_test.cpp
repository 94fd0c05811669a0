#include "harness/verify/stepper.h"

#include <atomic>
#include <catch2/catch.hpp>

#include "harness/verify/crew.h"
#include "harness/verify/watch.h"

namespace crosstalk::harness::verify {

TEST_CASE("a load and a store next to each other are parted by a step between them",
          "[harness][verify][stress]") {
#if defined(__x86_64__)
  // What stands in one line of the source is rarely interrupted there by itself.
  const CaseEnd end = run_case({"steps",
                                [](CaseRun& run) {
                                  Crew crew(run, 2);
                                  std::atomic<std::uint64_t> sum{0};
                                  std::atomic<std::uint64_t> added{0};
                                  std::atomic<bool> over{false};
                                  // The other thread must have the processor while this one is put aside.
                                  const auto may_go_on = [&](int i) {
                                    const std::uint64_t counted =
                                        look(added);  // first: what is added meanwhile does not count
                                    return i < 1'000 || (i < 50'000 && counted <= look(sum));
                                  };
                                  crew.start(2, [&](Member& member) {
                                    for (int i = 0; member.id() == 0 ? may_go_on(i) : !look(over); ++i) {
                                      member.begin("add");
                                      if (member.id() == 0)
                                        step_then_pause(static_cast<std::uint32_t>(i % 100));
                                      // The update that is looked for.
                                      note(sum, look(sum) + 1);
                                      member.end();
                                      raise(added);
                                    }
                                    if (member.id() == 0) note(over, true);
                                  });
                                  crew.finish();
                                  if (look(sum) != look(added)) run.fail("lost update", "seen");
                                }},
                               {.seconds = 1});
  CHECK(end.property == "lost update");
#endif
}

}  // namespace crosstalk::harness::verify
