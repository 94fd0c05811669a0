// All of crosstalk plus a lock, a map and a pool of one's own, which are then measured as coarse/my_lock, sharded/my_lock,
// map/my_map and --pool my_pool.
#include "harness/crosstalk.h"

#include "my_lock.h"
#include "my_map.h"
#include "my_pool.h"

int main(int argc, char** argv) {
  auto catalog = crosstalk::harness::builtin_catalog();
  catalog.add_lock<MyLock>("my_lock");
  catalog.add_lock<LeakyLock>("leaky_lock");
  catalog.add_map<MyMap>("my_map");
  catalog.add_pool<MyPool>("my_pool");
  return crosstalk::harness::run_main(argc, argv, catalog);
}
