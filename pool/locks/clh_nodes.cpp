#include "pool/locks/clh_nodes.h"

#include <mutex>

namespace crosstalk::pool::detail {

namespace {

// All without destructors: threads may lock and end while the process does.
constinit std::mutex list_mutex;
constinit ClhNode* list_top = nullptr;
constinit std::uint64_t listed = 0;
constinit std::uint64_t made = 0;

struct HandBack {
  HandBack() noexcept { own_clh_node.keeps = true; }
  HandBack(const HandBack&) = delete;
  HandBack& operator=(const HandBack&) = delete;
  ~HandBack() {
    own_clh_node.keeps = false;
    if (own_clh_node.node != nullptr) list_clh_node(std::exchange(own_clh_node.node, nullptr));
  }
};

}  // namespace

ClhNode* take_clh_node_slowly() {
  thread_local const HandBack hand_back;  // from here on this thread's end is seen
  static_cast<void>(hand_back);
  const std::lock_guard locked(list_mutex);
  if (list_top == nullptr) {
    auto* const node = new ClhNode;
    ++made;
    return node;
  }
  ClhNode* const node = list_top;
  list_top = node->below;
  --listed;
  return node;
}

void list_clh_node(ClhNode* node) noexcept {
  const std::lock_guard locked(list_mutex);
  node->below = list_top;
  list_top = node;
  ++listed;
}

std::uint64_t clh_nodes_made() noexcept {
  const std::lock_guard locked(list_mutex);
  return made;
}

std::uint64_t clh_nodes_listed() noexcept {
  const std::lock_guard locked(list_mutex);
  return listed;
}

}  // namespace crosstalk::pool::detail
