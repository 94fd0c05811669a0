// Specimens: components with a known bug (mutants), the same without it (twins), and components that look odd and are right (decoys).
// What is caught of the first and not accused of the others is what the verifier is worth.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/verify/case_run.h"

namespace crosstalk::harness::verify {

enum class SpecimenKind : std::uint8_t { mutant, twin, decoy };

struct Specimen {
  std::string name;  // "M01"
  SpecimenKind kind = SpecimenKind::mutant;
  std::string bug;  // or what is odd about it
  std::vector<VerifyCase> cases;
  std::vector<std::string> properties;  // a mutant counts as caught if one of these is named
  bool of_the_chapter = false;
  std::string layer;      // what catches it
  std::string why_not{};  // if it is not expected to be caught: why
};

// All of them, in the order of their names.
[[nodiscard]] std::vector<Specimen> all_specimens();

// Adds a mutant, and its twin: the same name and layer, the cases of the component without the bug, no properties.
void add_pair(std::vector<Specimen>& all, Specimen mutant, std::vector<VerifyCase> twin_cases);

// Each adds those of a kind of component.
void add_lock_specimens(std::vector<Specimen>& all);
void add_container_specimens(std::vector<Specimen>& all);
void add_pool_specimens(std::vector<Specimen>& all);
void add_service_specimens(std::vector<Specimen>& all);
void add_durable_specimens(std::vector<Specimen>& all);
void add_chat_specimens(std::vector<Specimen>& all);
void add_server_specimens(std::vector<Specimen>& all);
void add_sync_specimens(std::vector<Specimen>& all);
void add_queue_specimens(std::vector<Specimen>& all);
void add_waiting_specimens(std::vector<Specimen>& all);
void add_circumstances(std::vector<Specimen>& all);

}  // namespace crosstalk::harness::verify
