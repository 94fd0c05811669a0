#include "harness/crosstalk.h"

int main(int argc, char** argv) {
  return crosstalk::harness::run_main(argc, argv, crosstalk::harness::builtin_catalog());
}
