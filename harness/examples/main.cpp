// All of crosstalk plus a lock, a map, a pool and servers of one's own, which are then measured as coarse/my_lock,
// sharded/my_lock, map/my_map, slowed/by_10 and --pool my_pool.
#include "harness/crosstalk.h"

#include "my_lock.h"
#include "my_map.h"
#include "my_pool.h"
#include "slowed_server.h"

int main(int argc, char** argv) {
  auto catalog = crosstalk::harness::builtin_catalog();
  catalog.add_lock<MyLock>("my_lock");
  catalog.add_lock<LeakyLock>("leaky_lock");
  catalog.add_map<MyMap>("my_map");
  catalog.add_pool<MyPool>("my_pool");
  catalog.add_server<SlowedServer<0>>("slowed/by_0");
  catalog.add_server<SlowedServer<5>>("slowed/by_5");
  catalog.add_server<SlowedServer<10>>("slowed/by_10");
  catalog.add_server<SlowedServer<20>>("slowed/by_20");
  return crosstalk::harness::run_main(argc, argv, catalog);
}
