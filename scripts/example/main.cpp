// All of crosstalk plus a lock of one's own, which is then measured as coarse/my_lock and sharded/my_lock.
#include <mutex>
#include <thread>

#include "harness/crosstalk.h"

// std::mutex, but a thread that has to wait yields instead of sleeping.
struct MyLock : std::mutex {
  void lock() {
    while (!try_lock()) std::this_thread::yield();
  }
};

int main(int argc, char** argv) {
  auto catalog = crosstalk::harness::builtin_catalog();
  catalog.add_lock<MyLock>("my_lock");
  return crosstalk::harness::run_main(argc, argv, catalog);
}
