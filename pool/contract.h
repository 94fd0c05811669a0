// What a lock promises. The verifier and the tests judge a lock against its contract and nothing else.
#pragma once

#include <cstdint>
#include <limits>
#include <mutex>
#include <shared_mutex>
#include <string_view>

namespace crosstalk::pool {

enum class Fairness : std::uint8_t {
  none,     // a waiter may be overtaken without limit
  bounded,  // a waiter is overtaken at most `bypass_bound` times
  fifo,     // waiters are served in order of arrival
};

struct LockContract {
  bool exclusive = true;  // false only for null_lock, which excludes nobody
  bool shared = false;    // has lock_shared(): readers may run together
  Fairness fairness = Fairness::none;
  std::uint64_t bypass_bound = std::numeric_limits<std::uint64_t>::max();  // see Fairness::bounded
  bool parks = false;          // waiters sleep in the kernel instead of spinning
  bool one_thread = false;     // only ever used by one thread
  std::string_view algorithm;  // a few words
  std::string_view source;     // paper, standard or library it follows
};

// The contract of lock L: its own `kContract`, or for foreign locks a specialisation; a lock
// that declares nothing promises exclusion only.
template <class L>
struct ContractOf {
  static constexpr LockContract value = [] {
    if constexpr (requires { L::kContract; }) {
      return L::kContract;
    } else {
      return LockContract{.shared = requires(L & l){l.lock_shared();
      l.unlock_shared();
    }
    , .algorithm = "not declared", .source = "plugged in"
  };
}
}
();
}
;

// The locks of the standard library, which are used as they are. Here, or whoever names one without having included a file of
// theirs would define another contract.
template <>
struct ContractOf<std::mutex> {
  static constexpr LockContract value{
      .parks = true, .algorithm = "three-state futex, barging", .source = "C++ standard library"};
};

// glibc's reader-writer lock prefers readers: writers may starve.
template <>
struct ContractOf<std::shared_mutex> {
  static constexpr LockContract value{.shared = true,
                                      .parks = true,
                                      .algorithm = "pthread_rwlock, prefers readers",
                                      .source = "C++ standard library"};
};

template <class L>
inline constexpr LockContract kContractOf = ContractOf<L>::value;

}  // namespace crosstalk::pool
