#include "harness/catalog.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "harness/builtin_strategies.h"
#include "pool/executor/thread_pool.h"

namespace crosstalk::harness {

namespace {

bool is_part_of_a_name(std::string_view part) {
  return !part.empty() &&
         part.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string_view::npos;
}

// "sharded/ticket#2" is sharded/ticket once more.
std::string_view without_turn(std::string_view name) {
  const auto mark = name.rfind('#');
  if (mark == std::string_view::npos || mark + 1 == name.size()) return name;
  const bool number = name.find_first_not_of("0123456789", mark + 1) == std::string_view::npos;
  return number ? name.substr(0, mark) : name;
}

}  // namespace

Catalog::Catalog() {
  PoolKind ours = pool_kind<pool::ThreadPool>("crosstalk");
  ours.description = "pool::ThreadPool: bounded, four priorities, workers park";
  ours.bounded = true;
  ours.contract = pool::kThreadPoolContract;
  add(std::move(ours));
}

void Catalog::add(Strategy strategy) {
  const auto slash = strategy.name.find('/');
  strategy.server = strategy.name.substr(0, slash);
  strategy.mechanism = slash == std::string::npos ? "" : strategy.name.substr(slash + 1);
  if (!is_part_of_a_name(strategy.server) || !is_part_of_a_name(strategy.mechanism)) {
    throw std::invalid_argument(
        "catalog: a strategy is named server/mechanism in a-z, 0-9, '_' and '-', got '" + strategy.name +
        "'");
  }
  if (find(strategy.name) != nullptr) {
    throw std::invalid_argument("catalog: strategy '" + strategy.name + "' is there already");
  }
  strategies_.push_back(std::move(strategy));
}

void Catalog::add(PoolKind kind) {
  if (!is_part_of_a_name(kind.name)) {
    throw std::invalid_argument("catalog: a pool is named in a-z, 0-9, '_' and '-', got '" + kind.name + "'");
  }
  if (find_pool(kind.name) != nullptr) {
    throw std::invalid_argument("catalog: pool '" + kind.name + "' is there already");
  }
  pools_.push_back(std::move(kind));
}

const PoolKind* Catalog::find_pool(std::string_view name) const noexcept {
  const auto found =
      std::find_if(pools_.begin(), pools_.end(), [name](const PoolKind& kind) { return kind.name == name; });
  return found == pools_.end() ? nullptr : &*found;
}

const Strategy* Catalog::find(std::string_view name) const noexcept {
  name = without_turn(name);
  const auto found = std::find_if(strategies_.begin(), strategies_.end(),
                                  [name](const Strategy& strategy) { return strategy.name == name; });
  return found == strategies_.end() ? nullptr : &*found;
}

Catalog builtin_catalog() {
  Catalog catalog;
  add_builtin_strategies(catalog);
  return catalog;
}

}  // namespace crosstalk::harness
