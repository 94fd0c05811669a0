#include "harness/crosstalk.h"
#include "harness/peer_strategies.h"
#include "harness/verify/peer_queues.h"

int main(int argc, char** argv) {
  auto catalog = crosstalk::harness::builtin_catalog();
  crosstalk::harness::add_peer_strategies(catalog);
  crosstalk::harness::verify::offer_components(&crosstalk::harness::verify::add_peer_queues);
  return crosstalk::harness::run_main(argc, argv, catalog);
}
