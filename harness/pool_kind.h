// An executor of the pooled path, chosen at run time: every pool is called by the same virtual function, once a request.
#pragma once

#include <concepts>
#include <memory>
#include <string>
#include <utility>

#include "pool/contracts.h"
#include "pool/executor/executor.h"
#include "pool/executor/pool_options.h"

namespace crosstalk::harness {

// What can be measured as --pool NAME: a pool::WorkerPool, made from pool::PoolOptions, of which it takes max_threads and
// on_worker_start at least.
template <class P>
concept MeasuredPool =
    std::derived_from<P, pool::WorkerPool> && std::constructible_from<P, const pool::PoolOptions&>;

struct PoolKind {
  std::string name;         // as --pool names it
  std::string description;  // a few words
  std::unique_ptr<pool::WorkerPool> (*make)(const pool::PoolOptions&) = nullptr;
  pool::PoolContract contract{};
  bool bounded = false;     // its queue has a limit: it honours --queue-policy
  bool peer = false;        // of another library
  bool plugged_in = false;  // added by the user of the library
};

// A pool may say what it is by a member kTraits with fifo, algorithm and source, by a member kBounded, and what it promises by
// a member kContract (pool/contracts.h); without one it promises that every accepted task runs once.
template <MeasuredPool P>
[[nodiscard]] PoolKind pool_kind(std::string name) {
  PoolKind kind;
  kind.name = std::move(name);
  kind.make = [](const pool::PoolOptions& options) -> std::unique_ptr<pool::WorkerPool> {
    return std::make_unique<P>(options);
  };
  if constexpr (requires { P::kTraits.fifo; }) kind.contract.fifo = P::kTraits.fifo;
  if constexpr (requires { P::kContract; }) kind.contract = P::kContract;
  if constexpr (requires { P::kTraits; }) {
    kind.description = std::string(P::kTraits.source) + ": " + std::string(P::kTraits.algorithm);
  }
  if constexpr (requires { P::kBounded; }) kind.bounded = P::kBounded;
  return kind;
}

}  // namespace crosstalk::harness
