// A queue as the verifier sees it, and what it promises. Called through virtual functions: it is not what is measured here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace crosstalk::harness::verify {

// All: what was pushed is popped once, and nothing else is.
struct QueueContract {
  bool fifo =
      true;  // first in, first out; else only among what one thread has pushed and one thread has popped
  // "Empty" is only said if the queue was empty at some moment of the call, "full" only if it held `capacity` elements.
  bool exact_empty = true;
  bool exact_full = true;
  bool one_consumer = false;  // only thread 0 pops
  bool batches = false;       // pop() takes everything
};

class QueueOnTrial {
 public:
  virtual ~QueueOnTrial() = default;
  // False: it was full. `thread`: who calls, from 0 on; the thread of the case that has made the queue may be any.
  [[nodiscard]] virtual bool push(unsigned thread, std::uint64_t value) = 0;
  // Appends what it took, oldest first; nothing: it was empty.
  virtual void pop(unsigned thread, std::vector<std::uint64_t>& taken) = 0;
};

struct AnyQueue {
  // At most `threads` threads use it at once; `capacity` as below.
  std::function<std::unique_ptr<QueueOnTrial>(unsigned threads)> make;
  QueueContract contract;
  std::size_t capacity = 0;  // elements that it holds at most; 0: no limit
};

}  // namespace crosstalk::harness::verify
