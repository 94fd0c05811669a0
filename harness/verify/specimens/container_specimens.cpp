#include <string>
#include <utility>

#include "harness/verify/container_cases.h"
#include "harness/verify/specimen.h"
#include "harness/verify/specimens/cache_mutant.h"
#include "harness/verify/specimens/container_mutants.h"
#include "pool/containers/counter.h"

namespace crosstalk::harness::verify {

namespace {

void add_container_pair(std::vector<Specimen>& all, const std::string& name, const char* bug,
                        std::vector<VerifyCase> broken, std::vector<VerifyCase> right,
                        std::vector<std::string> properties) {
  add_pair(all,
           {.name = name,
            .bug = bug,
            .cases = std::move(broken),
            .properties = std::move(properties),
            .of_the_chapter = false,
            .layer = "histories"},
           std::move(right));
}

template <class M>
std::vector<VerifyCase> mutant_map_cases(bool size_linearizable = false) {
  const auto make = []() -> void* { return new M; };
  return map_cases(any_map<M>(make, {.size_linearizable = size_linearizable}));
}
template <class C>
std::vector<VerifyCase> mutant_counter_cases(bool linearizable = true) {
  return counter_cases(any_counter<C>({.linearizable = linearizable}));
}
template <class C>
std::vector<VerifyCase> mutant_cache_cases() {
  const auto make = [](std::size_t entries) -> void* { return new C(entries); };
  return cache_cases(any_cache<C>(make, {}));
}

}  // namespace

void add_container_specimens(std::vector<Specimen>& all) {
  add_container_pair(all, "M12", "insert_if_absent in two critical sections",
                     mutant_map_cases<M12Map<true>>(), mutant_map_cases<M12Map<false>>(),
                     {"linearizability", "one winner", "no loss"});
  add_container_pair(all, "M13", "growing publishes the table before moving the entries",
                     mutant_map_cases<M13Map<true>>(), mutant_map_cases<M13Map<false>>(),
                     {"no loss", "linearizability", "one winner"});
  add_container_pair(all, "M14", "size() adds shards up, declared linearizable",
                     mutant_map_cases<M14Map<true>>(true), mutant_map_cases<M14Map<false>>(true),
                     {"linearizability"});
  add_container_pair(all, "M15", "a load and a store for an addition",
                     mutant_counter_cases<M15Counter<true>>(), mutant_counter_cases<M15Counter<false>>(),
                     {"no lost update", "linearizability"});
  add_container_pair(all, "M16", "a slow load overwrites a newer value", mutant_cache_cases<M16Cache<true>>(),
                     mutant_cache_cases<M16Cache<false>>(), {"freshness"});
  all.push_back({.name = "D07",
                 .kind = SpecimenKind::decoy,
                 .bug = "a striped counter, declared exact only when nobody adds",
                 .cases = mutant_counter_cases<pool::StripedCounter>(false),
                 .properties = {},
                 .of_the_chapter = false,
                 .layer = "histories"});
}

}  // namespace crosstalk::harness::verify
