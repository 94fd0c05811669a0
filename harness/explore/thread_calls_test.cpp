#include <pthread.h>

#include <atomic>
#include <future>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "harness/explore/explore_test_help.h"

namespace crosstalk::harness::explore {

namespace {

struct ExploredConfiguration {
  std::vector<int> values;
  ExploredConfiguration() : values(3, 1) { std::this_thread::yield(); }
};

thread_local int explored_local = 3;

struct CountsItsEnd {
  int* ends;
  ~CountsItsEnd() { ++*ends; }
};

void run_key_destructor(void* value) {
  ++*static_cast<int*>(value);
}

}  // namespace

TEST_CASE("static locals are made once, in every execution anew", "[explore]") {
  const Result result = explore({}, [] {
    static std::atomic<int> uses{0};
    const auto use = [] {
      static const ExploredConfiguration made;
      require(made.values.size() == 3, "not yet made");
      ++uses;
    };
    {
      std::jthread first(use);
      std::jthread second(use);
    }
    require(uses.load() == 2, "left over from another execution");
  });
  INFO(describe(result));
  CHECK(result.passed());
}

TEST_CASE("std::call_once runs one function once, also after one that throws", "[explore]") {
  const Result result = explore({}, [] {
    std::once_flag once;
    int runs = 0;
    const auto run = [&] {
      try {
        std::call_once(once, [&] {
          if (++runs == 1) throw std::runtime_error("once more");
        });
      } catch (const std::runtime_error&) {
      }
    };
    {
      std::jthread first(run);
      std::jthread second(run);
    }
    require(runs == 2, "not twice");
  });
  INFO(describe(result));
  CHECK(result.passed());
}

TEST_CASE("thread_local variables are each thread's own, and end with it", "[explore]") {
  const Result result = explore({}, [] {
    int ends = 0;
    std::atomic<int*> first_address{nullptr};
    {
      std::jthread first([&] {
        require(explored_local == 3, "not fresh");
        explored_local = 10;
        first_address = &explored_local;
        thread_local CountsItsEnd counts{&ends};
        static_cast<void>(counts);
      });
      std::jthread second([&] {
        require(explored_local == 3, "not fresh");
        require(first_address.load() != &explored_local, "shared");
      });
    }
    require(ends == 1, "not destroyed");
  });
  INFO(describe(result));
  CHECK(result.passed());
}

TEST_CASE("exceptions stay with their thread across switches", "[explore]") {
  const Result result = explore({}, [] {
    std::atomic<int> turns{0};
    const auto throws = [&](const char* text) {
      try {
        turns.fetch_add(1);
        throw std::runtime_error(text);
      } catch (const std::exception& error) {
        turns.fetch_add(1);
        require(std::string(error.what()) == text, "another's exception");
      }
    };
    std::jthread first([&] { throws("first"); });
    std::jthread second([&] { throws("second"); });
  });
  INFO(describe(result));
  CHECK(result.passed());
}

TEST_CASE("an exception that nobody catches is a finding", "[explore]") {
  const Result result = explore({}, [] { std::jthread([] { throw 1; }); });
  CHECK(result.finding == Finding::assertion);
  CHECK(result.reason.find("terminate") != std::string::npos);
}

TEST_CASE("futures and promises hand over", "[explore]") {
  Options few;
  few.depth_first_runs = 3000;
  const Result result = explore(few, [] {
    std::promise<int> promise;
    auto future = promise.get_future();
    std::jthread other([&] { promise.set_value(4); });
    require(future.get() == 4, "not what was promised");
  });
  INFO(describe(result));
  CHECK(result.passed());
}

TEST_CASE("keys hold a value for each thread and destroy it", "[explore]") {
  const Result result = explore({}, [] {
    pthread_key_t key;
    require(pthread_key_create(&key, run_key_destructor) == 0, "no key");
    int ends = 0;
    std::jthread([&] {
      require(pthread_getspecific(key) == nullptr, "not empty");
      pthread_setspecific(key, &ends);
    }).join();
    require(ends == 1, "not destroyed");
    pthread_key_delete(key);
  });
  INFO(describe(result));
  CHECK(result.passed());
}

TEST_CASE("a thousand threads are too many, and that is said", "[explore]") {
  const Result result = explore({}, [] {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 1000; ++i) threads.emplace_back([] {});
  });
  CHECK(result.finding == Finding::limit);
  CHECK(result.reason == "the scenario starts more than 15 threads");
}

TEST_CASE("a thread that nobody joins is misuse", "[explore]") {
  CHECK(explore({}, [] {
          pthread_t handle;
          pthread_create(
              &handle, nullptr, [](void*) -> void* { return nullptr; }, nullptr);
        }).finding == Finding::misuse);
}

}  // namespace crosstalk::harness::explore
