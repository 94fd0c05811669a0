// Random order.
#pragma once

#include <utility>
#include <vector>

#include "workloads/random.h"

namespace crosstalk::harness {

// Fisher and Yates' shuffle: every order is equally likely, and the same with every standard library.
template <class T>
void shuffle(std::vector<T>& items, workloads::RandomStream& random) {
  for (std::size_t left = items.size(); left > 1; --left)
    std::swap(items[left - 1], items[random.below(left)]);
}

}  // namespace crosstalk::harness
