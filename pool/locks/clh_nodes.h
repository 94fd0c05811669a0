// clh_nodes: where clh_lock gets its nodes from. A thread keeps one at hand, the others lie in one list of the process; memory
// is asked for only when both are empty.
//
// A node that has once been in a line is never freed: a try_lock() may look at one that has long gone elsewhere. There are as
// many as locks were in use and threads waited at the same time at the worst moment, 128 bytes each.
//
// Progress: take_clh_node() and give_clh_node() touch only the thread's own node if they can, else they block on the list.
// Errors: take_clh_node() throws std::bad_alloc. When a thread ends its node goes to the list, and so do those that it gives
// back after that, in destructors of other thread-local objects.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

#include "pool/cache_line.h"

namespace crosstalk::pool::detail {

struct alignas(kCacheLine) ClhNode {
  std::atomic<bool> held{false};  // or waited for
  std::uint32_t uses = 0;         // how often it was put in a line; touched by the thread that puts it there
  ClhNode* below = nullptr;       // in the list
};

// What a thread keeps: nothing until it has been arranged that a node is handed back when the thread ends, and after its end.
struct OwnClhNode {
  ClhNode* node = nullptr;
  bool keeps = false;
};
inline thread_local constinit OwnClhNode own_clh_node{};

ClhNode* take_clh_node_slowly();
void list_clh_node(ClhNode* node) noexcept;

// Never null.
inline ClhNode* take_clh_node() {
  if (own_clh_node.node == nullptr) return take_clh_node_slowly();
  return std::exchange(own_clh_node.node, nullptr);
}

inline void give_clh_node(ClhNode* node) noexcept {
  if (own_clh_node.keeps && own_clh_node.node == nullptr) {
    own_clh_node.node = node;
  } else {
    list_clh_node(node);
  }
}

// How many were ever made, and how many of them lie in the list. For tests.
std::uint64_t clh_nodes_made() noexcept;
std::uint64_t clh_nodes_listed() noexcept;

}  // namespace crosstalk::pool::detail
