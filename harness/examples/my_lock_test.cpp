// Every interleaving of two threads that use the lock, see crosstalk_explore() in CMakeLists.txt.
#include <thread>

#include "harness/explore/scenario.h"

#include "my_lock.h"

EXPLORE(two_enter_twice) {
  MyLock lock;
  int entries = 0;  // plain: the lock must order its uses
  {
    const auto twice = [&] {
      for (int i = 0; i < 2; ++i) {
        lock.lock();
        ++entries;
        lock.unlock();
      }
    };
    std::jthread first(twice);
    std::jthread second(twice);
  }
  crosstalk::harness::explore::require(entries == 4, "an entry is lost");
}
