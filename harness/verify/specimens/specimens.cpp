#include <algorithm>
#include <utility>

#include "harness/verify/specimen.h"

namespace crosstalk::harness::verify {

void add_pair(std::vector<Specimen>& all, Specimen mutant, std::vector<VerifyCase> twin_cases) {
  Specimen twin{.name = mutant.name,
                .kind = SpecimenKind::twin,
                .bug = "without the bug",
                .cases = std::move(twin_cases),
                .properties = {},
                .of_the_chapter = false,
                .layer = mutant.layer};
  mutant.kind = SpecimenKind::mutant;
  all.push_back(std::move(mutant));
  all.push_back(std::move(twin));
}

std::vector<Specimen> all_specimens() {
  std::vector<Specimen> all;
  add_lock_specimens(all);
  add_container_specimens(all);
  add_pool_specimens(all);
  add_service_specimens(all);
  add_durable_specimens(all);
  add_server_specimens(all);
  add_chat_specimens(all);
  add_sync_specimens(all);
  add_queue_specimens(all);
  add_waiting_specimens(all);
  add_circumstances(all);
  // A twin after its mutant: they are added so.
  std::stable_sort(all.begin(), all.end(), [](const Specimen& a, const Specimen& b) {
    const bool a_decoy = a.kind == SpecimenKind::decoy;
    const bool b_decoy = b.kind == SpecimenKind::decoy;
    return std::pair(a_decoy, a.name) < std::pair(b_decoy, b.name);
  });
  return all;
}

}  // namespace crosstalk::harness::verify
