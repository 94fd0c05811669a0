#include "harness/demo_command.h"

#include <pthread.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <string_view>
#include <thread>

#include "harness/progress.h"
#include "harness/text_table.h"
#include "pool/executor/thread_pool.h"

namespace crosstalk::harness {

namespace {

using std::chrono::nanoseconds;

constexpr std::array kDemoFlags{
    Flag{.name = "task-time", .value = "TIME", .help = "how long each task takes, 0 to 10s (default 500ms)"},
};
constexpr std::uint64_t kTaskTimeMaxNs = 10'000'000'000;

constexpr int kTasks = 10;
constexpr int kHigh = 3;  // the first of them

constexpr std::string_view kPlain = "";
constexpr std::string_view kGreen = "\x1b[32m";
constexpr std::string_view kYellow = "\x1b[33m";
constexpr std::string_view kRed = "\x1b[31m";
constexpr std::string_view kBold = "\x1b[1m";

// Tells what happens, one whole line at a time whichever thread speaks.
class Narrator {
 public:
  Narrator(std::ostream& out, bool colour) : out_(out), colour_(colour) {}

  void say(std::string_view colour, const std::string& text) {
    const std::scoped_lock guard(mutex_);
    const std::chrono::duration<double> since = std::chrono::steady_clock::now() - start_;
    std::array<char, 32> time{};
    std::snprintf(time.data(), time.size(), "%7.3f s  ", since.count());
    out_ << time.data() << (colour_ ? colour : kPlain) << text
         << (colour_ && !colour.empty() ? "\x1b[0m" : "") << std::endl;
  }

 private:
  std::mutex mutex_;
  std::ostream& out_;
  const bool colour_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

std::string this_thread_name() {
  std::array<char, 16> name{};
  pthread_getname_np(pthread_self(), name.data(), name.size());
  return name.data();
}

std::string reason(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& what) {
    return what.what();
  } catch (...) {
    return "something that is no std::exception";
  }
}

class Demo {
 public:
  Demo(nanoseconds task_time, Narrator& narrator)
      : task_time_(task_time), narrator_(narrator), pool_(size()) {}

  void submit_all() {
    for (int id = 0; id < kTasks; ++id) {
      const bool high = id < kHigh;
      submit(id, high ? "high" : "normal", {.priority = high ? pool::Priority::high : pool::Priority::normal},
             [] {});
    }
    submit(kTasks, "normal, will fail", {.priority = pool::Priority::normal},
           [] { throw std::runtime_error("the task failed"); });
    submit(kTasks + 1, "low, with a deadline that passes in the queue",
           {.priority = pool::Priority::low, .timeout = task_time_ / 2}, [] {});
  }

  // Waits for all of it.
  pool::PoolStats finish() {
    pool_.shutdown();
    return pool_.stats();
  }

 private:
  static pool::ThreadPool::Options size() {
    pool::ThreadPool::Options options;
    options.min_threads = 2;
    options.max_threads = 5;
    return options;
  }

  template <class F>
  void submit(int id, const std::string& about, pool::TaskOptions options, F last_act) {
    const std::string name = "task " + std::to_string(id);
    narrator_.say(kPlain, name + " submitted: " + about);
    options.on_error = [this, name](const std::exception_ptr& error) {
      narrator_.say(kRed, name + " error callback: " + reason(error));
    };
    pool_.submit(
        [this, name, last_act] {
          narrator_.say(kYellow, name + " begins on " + this_thread_name());
          std::this_thread::sleep_for(task_time_);
          last_act();
          return "result of " + name;
        },
        std::move(options),
        [this](const std::string& result) { narrator_.say(kGreen, "success callback: " + result); });
  }

  const nanoseconds task_time_;
  Narrator& narrator_;
  pool::ThreadPool pool_;  // the last, so that its tasks have ended before what they use
};

std::string milliseconds(nanoseconds time) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f ms", std::chrono::duration<double, std::milli>(time).count());
  return text.data();
}

TextTable statistics(const pool::PoolStats& stats) {
  TextTable table;
  table.columns = {{"statistic"}, {"value", true}};
  const auto add = [&table](const char* name, std::uint64_t value) {
    table.rows.push_back({name, std::to_string(value)});
  };
  add("submitted", stats.submitted);
  add("completed", stats.completed);
  add("failed", stats.failed);
  add("timed out", stats.timed_out);
  add("cancelled", stats.cancelled);
  add("rejected", stats.rejected);
  add("threads at most", stats.peak);
  table.rows.push_back({"time in tasks", milliseconds(stats.execution_total)});
  table.rows.push_back({"longest task", milliseconds(stats.execution_most)});
  table.rows.push_back({"time in the queue", milliseconds(stats.queue_wait_total)});
  table.rows.push_back({"longest in the queue", milliseconds(stats.queue_wait_most)});
  return table;
}

}  // namespace

int demo_command(const std::vector<std::string>& arguments, const Environment& environment, Streams streams) {
  Settings settings;
  read_arguments(settings, kDemoFlags, arguments);
  read_environment(settings, kDemoFlags, {}, environment);
  const nanoseconds task_time(settings.get<std::uint64_t>("task-time", 500'000'000, [](std::string_view t) {
    return parse_duration_ns(t, {0, kTaskTimeMaxNs});
  }));

  Narrator narrator(streams.out, ::isatty(STDOUT_FILENO) == 1 && colour_allowed(environment));
  narrator.say(kBold, "a thread pool of 2 to 5 threads gets 12 tasks");
  Demo demo(task_time, narrator);
  demo.submit_all();
  const pool::PoolStats stats = demo.finish();
  narrator.say(kBold, "the pool has ended, everything accounted for");
  streams.out << '\n';
  print_table(streams.out, statistics(stats), Format::table);
  return 0;
}

std::string demo_help() {
  return "usage: crosstalk demo [flags]\n\n" + wrapped("Shows the thread pool at work.", 0) + "\n\n" +
         describe_flags(kDemoFlags);
}

}  // namespace crosstalk::harness
