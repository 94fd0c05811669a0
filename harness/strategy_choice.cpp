#include "harness/strategy_choice.h"

#include <algorithm>

#include "harness/glob.h"
#include "harness/values.h"
#include "workloads/nearest.h"

namespace crosstalk::harness {

namespace {

std::vector<std::string> names_of(const Catalog& catalog) {
  std::vector<std::string> names;
  for (const Strategy& strategy : catalog.strategies()) names.push_back(strategy.name);
  return names;
}

std::string listed(const Catalog& catalog) {
  std::string text = " (there are:";
  for (const std::string& name : names_of(catalog)) text += " " + name;
  return text + ")";
}

bool matches(std::string_view pattern, const Strategy& strategy) {
  if (!glob_matches(pattern, strategy.name)) return false;
  const bool apart = strategy.floor || strategy.server == "reference";
  return !apart || !is_glob(pattern.substr(0, pattern.find('/')));
}

std::string for_one_thread(const std::string& name, unsigned concurrency) {
  return name + " is for one thread, and " + std::to_string(concurrency) + " may be in the server at a time";
}

std::string for_itself(const std::string& name) {
  return name + " hands out and keeps posts by itself: it has no other dispatch and no store";
}

class Chooser {
 public:
  Chooser(const Catalog& catalog, const StrategyNeeds& needs) : catalog_(catalog), needs_(needs) {}

  void add_named(const std::string& name) {
    const Strategy& strategy = strategy_named(catalog_, name);
    if (strategy.one_thread && needs_.concurrency > 1) {
      throw ValueError(for_one_thread(name, needs_.concurrency) +
                       "; choose --threads 1, and --workers 1 with --path pooled");
    }
    if (lacks_services(strategy)) {
      throw ValueError(for_itself(name) + "; choose --dispatch inline and --store memory");
    }
    add(name);
  }

  void add_matching(const std::string& pattern) {
    bool any = false;
    for (const Strategy& strategy : catalog_.strategies()) {
      if (!matches(pattern, strategy)) continue;
      any = true;
      if (strategy.one_thread && needs_.concurrency > 1) {
        skip(for_one_thread(strategy.name, needs_.concurrency));
      } else if (lacks_services(strategy)) {
        skip(for_itself(strategy.name));
      } else {
        add(strategy.name);
      }
    }
    if (!any) {
      throw ValueError("no strategy matches " + shown(pattern) +
                       workloads::did_you_mean(pattern, names_of(catalog_)) + listed(catalog_));
    }
  }

  StrategyChoice finish() {
    if (choice_.names.empty()) throw ValueError("nothing is left to measure: " + choice_.notes.back());
    return std::move(choice_);
  }

 private:
  void add(const std::string& name) {
    if (std::find(choice_.names.begin(), choice_.names.end(), name) == choice_.names.end())
      choice_.names.push_back(name);
  }
  // The floor is one whatever is asked for.
  [[nodiscard]] bool lacks_services(const Strategy& strategy) const {
    return needs_.composed && !strategy.composed && !strategy.floor;
  }
  void skip(const std::string& why) {
    const std::string note = "skipped: " + why;
    if (std::find(choice_.notes.begin(), choice_.notes.end(), note) == choice_.notes.end())
      choice_.notes.push_back(note);
  }

  const Catalog& catalog_;
  StrategyNeeds needs_;
  StrategyChoice choice_;
};

}  // namespace

StrategyChoice choose_strategies(const Catalog& catalog, const std::vector<std::string>& patterns,
                                 const StrategyNeeds& needs) {
  Chooser chooser(catalog, needs);
  for (const std::string& pattern : patterns) {
    if (is_glob(pattern)) {
      chooser.add_matching(pattern);
    } else {
      chooser.add_named(pattern);
    }
  }
  return chooser.finish();
}

const Strategy& strategy_named(const Catalog& catalog, std::string_view name) {
  if (const Strategy* strategy = catalog.find(name)) return *strategy;
  throw ValueError("unknown strategy " + shown(name) + workloads::did_you_mean(name, names_of(catalog)) +
                   listed(catalog));
}

const PoolKind& pool_named(const Catalog& catalog, std::string_view name) {
  std::vector<std::string_view> names;
  for (const PoolKind& kind : catalog.pools()) names.push_back(kind.name);
  return catalog.pools()[parse_word(name, names)];
}

}  // namespace crosstalk::harness
