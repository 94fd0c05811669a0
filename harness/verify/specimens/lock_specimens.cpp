#include <mutex>
#include <shared_mutex>

#include "harness/verify/lock_cases.h"
#include "harness/verify/specimen.h"
#include "harness/verify/specimens/fairness_mutants.h"
#include "harness/verify/specimens/lock_decoys.h"
#include "harness/verify/specimens/lock_mutants.h"

namespace crosstalk::harness::verify {

namespace {

template <class L>
Specimen lock_specimen(const std::string& name, SpecimenKind kind, const std::string& bug,
                       const std::vector<std::string>& properties = {}) {
  return {.name = name,
          .kind = kind,
          .bug = bug,
          .cases = lock_cases(any_lock<L>()),
          .properties = properties,
          .of_the_chapter = false,
          .layer = "locks"};
}

template <class Broken, class Right>
void add_lock_pair(std::vector<Specimen>& all, const std::string& name, const char* bug,
                   const std::vector<std::string>& properties) {
  all.push_back(lock_specimen<Broken>(name, SpecimenKind::mutant, bug, properties));
  all.push_back(lock_specimen<Right>(name, SpecimenKind::twin, "without the bug"));
}

}  // namespace

void add_lock_specimens(std::vector<Specimen>& all) {
  using pool::Fairness;
  const std::vector<std::string> exclusion{"exclusion", "exclusion of readers"};
  add_lock_pair<BustedLock, std::mutex>(all, "M00", "control: excludes nobody", exclusion);
  add_lock_pair<M01Lock<true>, M01Lock<false>>(all, "M01", "a write lock that excludes nobody", exclusion);
  all[all.size() - 2].of_the_chapter = true;
  add_lock_pair<M02Lock<true>, M02Lock<false>>(all, "M02", "readers are let in during a write", exclusion);
  add_lock_pair<M03Lock<true>, M03Lock<false>>(all, "M03", "unlock stores relaxed", exclusion);
  all[all.size() - 2].why_not = "x86 keeps the order of stores; only a checker of happens-before sees it";
  add_lock_pair<M04Lock<true>, M04Lock<false>>(all, "M04", "who is woken forgets those who sleep",
                                               {"wake-up", "progress"});
  add_lock_pair<M05Lock<true>, M05Lock<false>>(all, "M05", "notify_one where notify_all is needed",
                                               {"wake-up", "progress"});
  add_lock_pair<M06Lock<true>, M06Lock<false>>(all, "M06", "if instead of while around wait", exclusion);
  add_lock_pair<M07Lock<true>, M07Lock<false>>(
      all, "M07", "a time-out takes back a count it never added",
      {"tries leave no trace", "exclusion", "exclusion of readers", "wake-up", "progress"});
  add_lock_pair<M09Lock<Fairness::bounded>, M09Twin>(all, "M09", "writers starve, declared bounded",
                                                     {"bounded bypass"});
  all[all.size() - 2].of_the_chapter = true;
  add_lock_pair<M10Lock<std::uint8_t>, M10Lock<std::uint32_t>>(all, "M10", "tickets wrap at 256 waiters",
                                                               exclusion);

  const auto decoy = SpecimenKind::decoy;
  all.push_back(lock_specimen<std::mutex>("D01", decoy, "std::mutex"));
  all.push_back(lock_specimen<std::shared_mutex>("D02", decoy, "std::shared_mutex, which prefers readers"));
  all.push_back(lock_specimen<M09Lock<Fairness::none>>("D03", decoy, "prefers readers, and says so"));
  all.push_back(lock_specimen<SpuriousLock>("D04", decoy, "try_lock fails for no reason"));
  all.push_back(lock_specimen<SleepyLock>("D05", decoy, "sleeps 5 ms at times"));
}

}  // namespace crosstalk::harness::verify
