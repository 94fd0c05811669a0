// What a program of your own needs to measure its locks beside the built-in ones:
//
//   int main(int argc, char** argv) {
//     auto catalog = crosstalk::harness::builtin_catalog();
//     catalog.add_lock<MyLock>("my_lock");
//     return crosstalk::harness::run_main(argc, argv, catalog);
//   }
#pragma once

#include "harness/catalog.h"

namespace crosstalk::harness {

// The whole of main(): runs the command line on the process's own streams and returns the exit code. SIGPIPE
// is ignored from then on: a reader that goes away (`crosstalk list | head -1`) ends the output, quietly, and
// nothing else.
[[nodiscard]] int run_main(int argc, char** argv, const Catalog& catalog);

}  // namespace crosstalk::harness
