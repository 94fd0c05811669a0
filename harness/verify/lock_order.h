// The order in which locks are taken, as a graph: an edge from A to B says that some thread waited for B while it held A. A circle of
// edges is a deadlock that need not have happened yet: each order seen once is enough. After Linux's lockdep (Molnar, 2006) and
// "GoodLock" (Havelund, "Using runtime analysis to guide model checking of Java programs", SPIN 2000).
//
//   try_lock and what has a deadline   make no edge to the lock they ask for, since they do not wait for ever; what they got is held
//   gate locks                         edges that are only made under one common lock, which one of them holds exclusively, never
//                                      meet, and make no circle
//   readers                            wait for readers only where a waiting writer goes first; there a thread that reads
//                                      twice at once is reported by itself
//   classes                            locks made at one place of the source are one class. Between classes an edge stands for all
//                                      their locks; within a class locks are told apart, since many programs lock two rooms by an order
//                                      of their own
//
// A thread that meets an edge again knows it without asking others (one look-up in a set of its own), so that the graph orders threads
// only when something is new. For verification, not for what is timed. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "harness/verify/code_place.h"

namespace crosstalk::harness::verify {

enum class HoldMode : std::uint8_t { shared, exclusive };

class LockOrder {
 public:
  using Report = std::function<void(const std::string&)>;
  // `report` is told once, by the thread that closes the first circle, before it waits. Must outlive the locks it watches.
  explicit LockOrder(Report report);
  LockOrder(const LockOrder&) = delete;
  LockOrder& operator=(const LockOrder&) = delete;

  // While it lives, locks that are made anywhere in the process are watched by this graph.
  class Scope {
   public:
    explicit Scope(LockOrder& order);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
  };
  // Null: nobody watches.
  [[nodiscard]] static LockOrder* current() noexcept;

  // A new lock; its number. `readers_wait`: readers wait for writers that wait.
  [[nodiscard]] std::uint32_t made(const CodePlace& site, bool readers_wait);
  // The calling thread is about to wait for the lock; has got it, waiting or not; is about to give it back.
  void waits(std::uint32_t lock, HoldMode mode);
  void holds(std::uint32_t lock, HoldMode mode);
  void drops(std::uint32_t lock) noexcept;

 private:
  struct Lock {
    std::uint32_t of_class;
    std::uint32_t ordinal;  // in its class
    bool readers_wait;
  };
  struct Held {
    std::uint32_t lock;
    HoldMode mode;
  };
  struct Edge {
    Held from;
    Held to;
    std::vector<Held> gates;  // what was held besides
    unsigned thread;
  };
  struct OwnView;  // of a thread
  using Path = std::vector<const Edge*>;

  [[nodiscard]] OwnView& own() const;
  void add_edges(const std::vector<Held>& held, Held wanted, unsigned thread);
  [[nodiscard]] bool known(const Edge& edge) const;
  [[nodiscard]] bool meets(const Edge& edge, const Edge& next) const;
  [[nodiscard]] bool close_circle(Path& path, unsigned& steps) const;
  [[nodiscard]] bool waits_for(Held holder, Held waiter) const;
  [[nodiscard]] std::string name_of(std::uint32_t lock) const;
  [[nodiscard]] std::string text_of(const Path& path) const;

  const std::uint64_t id_;  // no other graph of the process has had it
  const Report report_;
  mutable std::mutex mutex_;                                                // guards the members below
  std::map<std::string, std::pair<std::uint32_t, std::uint32_t>> classes_;  // place -> number, how many locks
  std::vector<std::string> class_names_;
  std::vector<Lock> locks_;
  std::vector<Edge> edges_;
  mutable unsigned threads_ = 0;
  bool told_ = false;
};

}  // namespace crosstalk::harness::verify
