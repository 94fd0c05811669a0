#include "harness/crosstalk.h"
#include "harness/peer_strategies.h"

int main(int argc, char** argv) {
  auto catalog = crosstalk::harness::builtin_catalog();
  crosstalk::harness::add_peer_strategies(catalog);
  return crosstalk::harness::run_main(argc, argv, catalog);
}
