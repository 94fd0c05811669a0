#include "harness/map_names.h"

#include <utility>

namespace crosstalk::harness {

namespace {

std::string mechanism_of(const std::string& strategy) {
  return strategy.substr(strategy.find('/') + 1);
}

// A to Z, then A1, B1, ...
std::string letter(std::size_t i) {
  const std::string one(1, static_cast<char>('A' + i % 26));
  return i < 26 ? one : one + std::to_string(i / 26);
}

}  // namespace

MapNames::MapNames(const std::set<std::string>& shown, const std::set<std::string>& all, std::size_t room) {
  std::set<std::string> mechanisms;
  for (const std::string& strategy : all) mechanisms.insert(mechanism_of(strategy));
  const bool whole = mechanisms.size() < all.size();
  for (const std::string& strategy : shown) {
    std::string name = whole ? strategy : mechanism_of(strategy);
    letters_ = letters_ || name.size() > room;
    names_[strategy] = std::move(name);
  }
  if (!letters_) return;
  std::size_t i = 0;
  for (auto& [strategy, name] : names_) name = letter(i++);
}

std::string MapNames::key() const {
  std::string text;
  if (!letters_) return text;
  for (const auto& [strategy, name] : names_)
    text.append(text.empty() ? "" : ", ").append(name).append(": ").append(strategy);
  return text;
}

}  // namespace crosstalk::harness
