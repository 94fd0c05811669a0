// What strategies are called in the cells of a map, where there is little room.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>

namespace crosstalk::harness {

class MapNames {
 public:
  // Of those `shown`: mechanisms alone ("mcs" for sharded/mcs) where no two of `all` have the same, else whole names; letters
  // where one of these is longer than `room`.
  MapNames(const std::set<std::string>& shown, const std::set<std::string>& all, std::size_t room);

  // Of one that is shown.
  [[nodiscard]] const std::string& of(const std::string& strategy) const { return names_.at(strategy); }
  // "A: sharded/mcs, B: sharded/ttas"; empty where names speak for themselves.
  [[nodiscard]] std::string key() const;

 private:
  std::map<std::string, std::string> names_;
  bool letters_ = false;
};

}  // namespace crosstalk::harness
