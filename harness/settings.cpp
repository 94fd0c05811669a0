#include "harness/settings.h"

#include <algorithm>

namespace crosstalk::harness {

void Settings::add(Given given) {
  const auto same =
      std::find_if(given_.begin(), given_.end(), [&](const Given& g) { return g.flag == given.flag; });
  if (same == given_.end()) {
    given_.push_back(std::move(given));
  } else if (same->layer <= given.layer) {
    *same = std::move(given);
  }
}

void Settings::remove(std::string_view flag) {
  std::erase_if(given_, [flag](const Given& g) { return g.flag == flag; });
}

const Given* Settings::find(std::string_view flag) const noexcept {
  const auto found =
      std::find_if(given_.begin(), given_.end(), [flag](const Given& g) { return g.flag == flag; });
  return found == given_.end() ? nullptr : &*found;
}

std::string Settings::text(std::string_view flag, std::string fallback) const {
  const Given* given = find(flag);
  if (given != nullptr) return given->text;
  return fallback;
}

bool Settings::on(std::string_view flag) const {
  return get<bool>(flag, false, parse_switch);
}

void Settings::rule_out(std::string_view flag, std::string_view by) {
  const Given* loser = find(flag);
  const Given* winner = find(by);
  if (loser == nullptr || winner == nullptr) return;
  if (loser->layer >= winner->layer) {
    throw UsageError(loser->origin + ": cannot be combined with " + in_full(*winner));
  }
  // A default that gives way is nobody's loss.
  if (loser->layer != Layer::command) note(in_full(*loser) + " gives way to " + in_full(*winner));
  given_.erase(given_.begin() + (loser - given_.data()));
}

void Settings::exclusive(std::string_view a, std::string_view b) {
  const Given* first = find(a);
  const Given* second = find(b);
  if (first == nullptr || second == nullptr) return;
  if (first->layer > second->layer) {
    rule_out(b, a);
  } else {
    rule_out(a, b);
  }
}

void Settings::needs(std::string_view flag, std::string_view what) const {
  if (const Given* given = find(flag)) throw UsageError(given->origin + ": needs " + std::string(what));
}

std::string in_full(const Given& given) {
  switch (given.layer) {
    case Layer::arguments:
    case Layer::command:
      return given.origin + (given.text == "true" ? "" : " " + given.text);  // a switch
    case Layer::environment:
      return given.origin + "=" + given.text;
    default:
      return given.origin + " = " + given.text;
  }
}

}  // namespace crosstalk::harness
