// Broken cells against the checks of cells, and locks, whose cells are right.
#include <sched.h>
#include <catch2/catch.hpp>

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "pool/builtin.h"
#include "pool/cell_conformance.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

TEMPLATE_LIST_TEST_CASE("a built-in lock's cell keeps what cells promise", "[pool][cell]", BuiltinLocks) {
  const auto report = check_cell<TestType>({4, stress_rounds(5), 500});
  INFO(report.property << ": " << report.detail);
  CHECK(report.passed);
}

// Each broken cell is right but for one thing.
template <class T>
class InPlace {
 public:
  explicit InPlace(std::int64_t first) : data_(first) {}
  template <class F>
  auto read(F&& f) const {
    const std::scoped_lock guard(mutex_);
    return f(data_);
  }
  template <class F>
  auto write(F&& f) {
    const std::scoped_lock guard(mutex_);
    return f(data_);
  }

 protected:
  mutable std::mutex mutex_;
  T data_;
};

template <template <class> class C>
struct BrokenBy {
  template <class T, class>
  using Cell = C<T>;
};

template <class M>
std::string property_broken() {
  return check_cell<M>({4, 50, 1'000}).property;
}

template <class T>
struct ExcludesNobodyCell : InPlace<T> {
  using InPlace<T>::InPlace;
  template <class F>
  auto read(F&& f) const {
    return f(this->data_);
  }
  template <class F>
  auto write(F&& f) {
    return f(this->data_);
  }
};
template <class T>
struct AdmitsReadersCell : InPlace<T> {
  using InPlace<T>::InPlace;
  template <class F>
  auto read(F&& f) const {
    return f(std::as_const(this->data_));
  }
};
template <class T>
struct ReadsTwiceCell : InPlace<T> {
  using InPlace<T>::InPlace;
  template <class F>
  auto read(F&& f) const {
    InPlace<T>::read(f);
    return InPlace<T>::read(f);
  }
};
template <class T>
struct WritesTwiceCell : InPlace<T> {
  using InPlace<T>::InPlace;
  template <class F>
  auto write(F&& f) {
    const std::scoped_lock guard(this->mutex_);
    f(this->data_);
    return f(this->data_);
  }
};
template <class T>
struct SwallowsCell : InPlace<T> {
  using InPlace<T>::InPlace;
  template <class F>
  auto write(F&& f) {
    using R = decltype(f(this->data_));
    try {
      return InPlace<T>::write(f);
    } catch (...) {
      return R{};
    }
  }
};

// Now and then a read finds the version before the current one.
template <class T>
class ReadsStaleCell : public InPlace<T> {
 public:
  using InPlace<T>::InPlace;
  template <class F>
  auto read(F&& f) const {
    const std::scoped_lock guard(this->mutex_);
    return ++reads_ % 64 == 0 && previous_ != nullptr ? f(std::as_const(*previous_)) : f(this->data_);
  }
  template <class F>
  auto write(F&& f) {
    const std::scoped_lock guard(this->mutex_);
    previous_ = std::make_unique<T>(this->data_);
    return f(this->data_);
  }

 private:
  mutable unsigned reads_ = 0;
  std::unique_ptr<T> previous_;
};

TEST_CASE("a cell that is broken in one way is caught", "[pool][cell]") {
  CHECK(check_cell<BrokenBy<InPlace>>().passed);
  CHECK(property_broken<BrokenBy<ExcludesNobodyCell>>() == "exclusion");
  CHECK(property_broken<BrokenBy<AdmitsReadersCell>>() == "exclusion of readers");
  CHECK(property_broken<BrokenBy<ReadsTwiceCell>>() == "one run a read");
  CHECK(property_broken<BrokenBy<WritesTwiceCell>>() == "results");
  CHECK(property_broken<BrokenBy<SwallowsCell>>() == "exceptions");
  CHECK(property_broken<BrokenBy<ReadsStaleCell>>() == "visibility");
}

// Copies on write; keeps every version.
template <class T>
class KeepsVersions {
 public:
  explicit KeepsVersions(std::int64_t first) { versions_.push_back(std::make_unique<T>(first)); }
  template <class F>
  auto read(F&& f) const {
    return f(std::as_const(*current()));
  }
  template <class F>
  auto write(F&& f) {  // does not wait for readers of the old version
    const std::scoped_lock guard(mutex_);
    auto next = std::make_unique<T>(*current());
    auto result = f(*next);
    publish(std::move(next));
    return result;
  }

 private:
  T* current() const {
    const std::scoped_lock guard(list_);
    return versions_.back().get();
  }
  void publish(std::unique_ptr<T> next) {
    const std::scoped_lock guard(list_);
    versions_.push_back(std::move(next));
  }

  std::mutex mutex_;
  mutable std::mutex list_;
  std::vector<std::unique_ptr<T>> versions_;
};

// Two instances, the second changed without waiting for its readers to leave.
template <class T>
class HurriesLeftRightCell {
 public:
  explicit HurriesLeftRightCell(std::int64_t first) : instances_{T(first), T(first)} {}
  template <class F>
  auto read(F&& f) const {
    return f(instances_[shown_.load()]);
  }
  template <class F>
  auto write(F&& f) {
    const std::scoped_lock guard(mutex_);
    const unsigned back = 1 - shown_.load();
    auto result = f(instances_[back]);
    shown_.store(back);
    f(instances_[1 - back]);
    return result;
  }

 private:
  std::mutex mutex_;
  std::atomic<unsigned> shown_{0};
  std::array<T, 2> instances_;
};

// Destroys the old version at once, under its readers.
template <class T>
class DestroysEarlyCell {
 public:
  explicit DestroysEarlyCell(std::int64_t first) { new (place(0)) T(first); }
  ~DestroysEarlyCell() { std::destroy_at(place(current_.load())); }
  template <class F>
  auto read(F&& f) const {
    return f(std::as_const(*place(current_.load())));
  }
  template <class F>
  auto write(F&& f) {
    const std::scoped_lock guard(mutex_);
    const unsigned old = current_.load();
    new (place(1 - old)) T(*place(old));
    try {
      auto result = f(*place(1 - old));
      current_.store(1 - old);
      std::destroy_at(place(old));
      return result;
    } catch (...) {
      std::destroy_at(place(1 - old));
      throw;
    }
  }

 private:
  struct alignas(T) Place {
    std::array<std::byte, sizeof(T)> bytes;
  };
  T* place(unsigned version) const { return reinterpret_cast<T*>(&places_[version]); }

  std::mutex mutex_;
  std::atomic<unsigned> current_{0};
  mutable std::array<Place, 2> places_;
};

TEST_CASE("a cell whose writers do not wait as they must is caught", "[pool][cell]") {
  CHECK(property_broken<BrokenBy<KeepsVersions>>() == "grace period");
  CHECK(property_broken<BrokenBy<HurriesLeftRightCell>>() == "exclusion of readers");
  CHECK(property_broken<BrokenBy<DestroysEarlyCell>>() == "exclusion of readers");
}

// A sequence lock without a sequence: a reader copies words of two versions.
template <class T>
class CopiesBlindlyCell {
 public:
  explicit CopiesBlindlyCell(std::int64_t first) { store(T(first)); }
  template <class F>
  auto read(F&& f) const {
    const T data = copy();
    return f(data);
  }
  template <class F>
  auto write(F&& f) {
    const std::scoped_lock guard(mutex_);
    T data = copy();
    auto result = f(data);
    store(data);
    return result;
  }

 private:
  using Words = std::array<std::uint64_t, sizeof(T) / sizeof(std::uint64_t)>;

  T copy() const {
    Words words;
    for (std::size_t i = 0; i < words.size(); ++i) words[i] = words_[i].load();
    return std::bit_cast<T>(words);
  }
  void store(const T& data) {
    const auto words = std::bit_cast<Words>(data);
    for (std::size_t i = 0; i < words.size(); ++i) {
      words_[i].store(words[i]);
      if (i == words.size() / 2 && words[i] % 64 == 0) sched_yield();
    }
  }

  std::mutex mutex_;
  std::array<std::atomic<std::uint64_t>, sizeof(T) / sizeof(std::uint64_t)> words_{};
};

struct CopiesBlindly {
  template <class T, class>
  requires std::is_trivially_copyable_v<T>
  using Cell = CopiesBlindlyCell<T>;
  static constexpr bool kReadsOutside = true;
};
static_assert(!Guards<CopiesBlindly, detail::LastingLedger>);

TEST_CASE("a cell whose readers copy halves of two versions is caught", "[pool][cell]") {
  CHECK(property_broken<CopiesBlindly>() == "exclusion of readers");
}

}  // namespace
}  // namespace crosstalk::pool
