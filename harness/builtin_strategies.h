// Where the built-in strategies are compiled: a translation unit for each lock, written by CMake from
// builtin_strategy.cpp.in, so that they build in parallel and a new lock does not rebuild the others.
#pragma once

#include "harness/catalog.h"

namespace crosstalk::harness {

// Adds them in the order of pool/builtin.h. Defined in a generated file.
void add_builtin_strategies(Catalog& catalog);

}  // namespace crosstalk::harness
