#include <pthread.h>

#include <thread>

#include <catch2/catch.hpp>

#include "harness/explore/explore_test_help.h"

namespace crosstalk::harness::explore {

TEST_CASE("pthread's spin locks exclude, and order what they guard", "[explore]") {
  const Result result = explore({}, [] {
    pthread_spinlock_t lock;
    pthread_spin_init(&lock, PTHREAD_PROCESS_PRIVATE);
    int entries = 0;
    {
      const auto enter = [&](bool waits) {
        if (waits) {
          pthread_spin_lock(&lock);
        } else {
          while (pthread_spin_trylock(&lock) != 0) {
          }
        }
        ++entries;
        pthread_spin_unlock(&lock);
      };
      std::jthread first(enter, true);
      std::jthread second(enter, true);
      std::jthread third(enter, false);
    }
    require(entries == 3, "an entry is lost");
  });
  INFO(describe(result));
  CHECK(result.passed());
  CHECK(result.phases[2].exhausted);
}

TEST_CASE("spin locks in opposite order deadlock", "[explore]") {
  const Result result = explore({}, [] {
    pthread_spinlock_t locks[2];
    for (auto& each : locks) pthread_spin_init(&each, PTHREAD_PROCESS_PRIVATE);
    const auto both = [&locks](int first) {
      pthread_spin_lock(&locks[first]);
      pthread_spin_lock(&locks[1 - first]);
      pthread_spin_unlock(&locks[0]);
      pthread_spin_unlock(&locks[1]);
    };
    std::jthread one(both, 0);
    std::jthread two(both, 1);
  });
  INFO(describe(result));
  CHECK(result.finding == Finding::deadlock);
  CHECK(result.reason.find("waits for a spin lock") != std::string::npos);
}

TEST_CASE("a spin lock unlocked by who does not hold it is misuse", "[explore]") {
  CHECK(explore({}, [] {
          pthread_spinlock_t lock;
          pthread_spin_init(&lock, PTHREAD_PROCESS_PRIVATE);
          pthread_spin_unlock(&lock);
        }).finding == Finding::misuse);
}

}  // namespace crosstalk::harness::explore
