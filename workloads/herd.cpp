#include "workloads/herd.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace crosstalk::workloads {

namespace {

void shuffle(std::vector<std::uint32_t>& clients, RandomStream& random) {
  for (std::size_t left = clients.size(); left > 1; --left)
    std::swap(clients[left - 1], clients[random.below(left)]);
}

}  // namespace

Herd::Herd(const Scenario& scenario, std::uint64_t seed, const Population& population)
    : random_(seed, Purpose::herds) {
  const auto size = static_cast<std::size_t>(std::llround(scenario.herd_share * population.clients()));
  if (size == 0) return;
  for (std::uint32_t client = 0; client < population.clients(); ++client) going_.push_back(client);
  shuffle(going_, random_);
  going_.resize(size);
  for (const std::uint32_t client : going_) owed_ += 2 + population.home_rooms(client).size();
  if (owed_ > scenario.lap_operations / 2) {
    throw InputError("herd_share: " + std::to_string(size) + " sessions go and return in " +
                     std::to_string(owed_) +
                     " operations, which must be at most half of lap_operations, got " +
                     std::to_string(scenario.lap_operations) + "; raise it, or lower --clients");
  }
  size_ = size;
  others_ = static_cast<double>(scenario.lap_operations - owed_);
  const double gone = kBegin + scenario.herd_gone;
  marks_ = {kBegin, gone, gone + scenario.herd_away, gone + scenario.herd_away + scenario.herd_back};
  phase_ = before;
}

Herd::Turn Herd::turn(std::size_t operations) {
  if (phase_ == after) return Turn::nobody;
  clock_ = std::max(clock_, static_cast<double>(operations - made_) / others_);
  for (; phase_ != after; end_phase(operations)) {
    if (phase_ == going && is_due(going_.size())) return Turn::goes;
    if (phase_ == returning && is_due(returning_.size())) return Turn::returns;
    if (clock_ < marks_[phase_]) return Turn::nobody;
  }
  return Turn::nobody;
}

// Evenly over the phase, and all of them at its end.
bool Herd::is_due(std::size_t left) const noexcept {
  const double begin = marks_[phase_ - 1U];
  const double end = marks_[phase_];
  if (clock_ >= end) return left > 0;
  return static_cast<double>(size_ - left) < static_cast<double>(size_) * (clock_ - begin) / (end - begin);
}

void Herd::end_phase(std::size_t operations) {
  knots_.push_back({operations, marks_[phase_]});
  phase_ = static_cast<Phase>(phase_ + 1);
  if (phase_ != returning) return;
  size_ = returning_.size();
  shuffle(returning_, random_);
}

std::uint32_t Herd::take_going() {
  const std::uint32_t client = going_.back();
  going_.pop_back();
  return client;
}

std::uint32_t Herd::take_returning() {
  const std::uint32_t client = returning_.back();
  returning_.pop_back();
  return client;
}

void Herd::made(std::size_t operations) noexcept {
  made_ += operations;
  owed_ -= operations;
}

bool Herd::skip() noexcept {
  if (phase_ == after) return false;
  clock_ = marks_[phase_];
  return true;
}

}  // namespace crosstalk::workloads
