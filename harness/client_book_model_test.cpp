// The book of a client against the reach law as it is written, over thousands of random lives.
#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "harness/client_book.h"
#include "workloads/random.h"

namespace crosstalk::harness {
namespace {

using workloads::Purpose;
using workloads::RandomStream;

constexpr std::uint32_t kRooms = 3;

// The reach law as it is written, over sets. Knows nothing of ranges, gaps or forgetting.
class Model {
 public:
  void joined(std::uint32_t room, std::uint64_t a, std::uint64_t b) { stays_.push_back({room, a, b}); }
  void left(std::uint32_t room, std::uint64_t c, std::uint64_t d) { close(*open(room), c, d); }
  // The session has ended, after left() of every room: what is under way, from whatever room, never arrives.
  void disconnected() {
    for (Interval& stay : stays_) stay.excused = true;
  }
  void own(std::uint32_t room, std::uint64_t sequence) { open(room)->own.insert(sequence); }
  [[nodiscard]] bool is_in(std::uint32_t room) { return open(room) != nullptr; }

  void deliver(std::uint32_t room, std::uint64_t sequence) {
    for (Interval& stay : stays_) {
      if (stay.room != room || stay.excused || sequence <= stay.a || sequence > stay.d) continue;
      const bool again = stay.own.contains(sequence) || !stay.got.insert(sequence).second;
      duplicates += again ? 1 : 0;
      return;
    }
    ++unexpected;
  }

  void finish() {
    for (const Interval& stay : stays_) {
      std::uint64_t lost = 0;
      for (std::uint64_t sequence = stay.b + 1; sequence <= stay.c; ++sequence) {
        if (stay.own.contains(sequence)) continue;
        lost += stay.got.contains(sequence) ? 0 : 1;
        ++expected;
      }
      const auto in_doubt = [&](std::uint64_t sequence) { return sequence <= stay.b || sequence > stay.c; };
      expected += static_cast<std::uint64_t>(std::count_if(stay.got.begin(), stay.got.end(), in_doubt));
      delivered += stay.got.size();
      if (stay.excused) expected -= lost;
      (stay.excused ? excused : missing) += lost;
    }
  }

  std::uint64_t expected = 0, delivered = 0, missing = 0, excused = 0, duplicates = 0, unexpected = 0;

 private:
  struct Interval {
    std::uint32_t room = 0;
    std::uint64_t a = 0, b = 0;
    std::uint64_t c = Stay::kOpen, d = Stay::kOpen;
    bool excused = false;
    std::set<std::uint64_t> own{};
    std::set<std::uint64_t> got{};
  };
  Interval* open(std::uint32_t room) {
    for (Interval& stay : stays_) {
      if (stay.room == room && stay.c == Stay::kOpen) return &stay;
    }
    return nullptr;
  }
  static void close(Interval& stay, std::uint64_t c, std::uint64_t d) {
    stay.c = c;
    stay.d = d;
  }

  std::vector<Interval> stays_;
};

// A random life of one client among others, lived by a book and by the model alike. Faulty: deliveries are
// also lost, doubled and invented.
class Life {
 public:
  Life(std::uint64_t seed, bool faulty)
      : random_(seed, Purpose::operations), faulty_(faulty), book_(1, false) {}

  // `stays`: not more than this many, so that the book forgets none.
  void live(int steps, int stays) {
    for (int step = 0; step < steps; ++step) {
      const auto room = static_cast<std::uint32_t>(random_.below(kRooms));
      switch (random_.below(50)) {
        case 0:
          disconnect();
          break;
        case 1:
        case 2:
        case 3:
          leave(room);
          break;
        case 4:
        case 5:
        case 6:
        case 7:
        case 8:
          stays -= join(room, stays > 0) ? 1 : 0;
          break;
        case 9:
        case 10:
          own(room);
          break;
        case 11:
        case 12:
        case 13:
        case 14:
        case 15:
          receive(random_.below(8));
          break;
        default:
          others_post(room, 1 + random_.below(3));
      }
    }
    receive(under_way_.size());
    for (std::uint32_t room = 0; room < kRooms; ++room) {
      if (model.is_in(room)) model.left(room, last_[room], last_[room]);
    }
    book_.finish(
        0, [&](std::uint32_t room) { return last_[room]; }, counts);
    model.finish();
  }

  LawCounts counts;
  Model model;

 private:
  struct Post {
    std::uint32_t room;
    std::uint64_t sequence;
  };

  bool join(std::uint32_t room, bool allowed) {
    if (!allowed || model.is_in(room)) return false;
    const std::uint64_t before = last_[room];
    doubtful_posts(room);
    book_.joined(0, room, before, last_[room]);
    model.joined(room, before, last_[room]);
    return true;
  }
  void leave(std::uint32_t room) {
    if (!model.is_in(room)) return;
    const std::uint64_t before = last_[room];
    doubtful_posts(room);
    model.left(room, before, last_[room]);
    book_.left(0, room, before, last_[room], counts);
  }
  // What is under way to the session is lost with it.
  void disconnect() {
    std::map<std::uint32_t, std::uint64_t> before;
    for (std::uint32_t room = 0; room < kRooms; ++room) before[room] = last_[room];
    for (std::uint32_t room = 0; room < kRooms; ++room) {
      if (!model.is_in(room)) continue;
      others_post(room, random_.below(2));
      model.left(room, before[room], last_[room]);
    }
    model.disconnected();
    book_.for_each_open(0, [&](Stay& stay) { stay.close(before[stay.room()], last_[stay.room()]); });
    book_.disconnected(0, counts);
    under_way_.clear();
  }
  void own(std::uint32_t room) {
    Stay* stay = book_.open_stay(0, room);
    if (stay == nullptr) return;
    stay->own(++last_[room]);
    model.own(room, last_[room]);
  }
  // Posts that meet the join or the leave: nobody knows whether they reach the client.
  void doubtful_posts(std::uint32_t room) {
    for (std::uint64_t count = random_.below(4); count > 0; --count) {
      ++last_[room];
      if (random_.below(2) == 0) under_way_.push_back({room, last_[room]});
    }
  }
  void others_post(std::uint32_t room, std::uint64_t count) {
    for (; count > 0; --count) {
      ++last_[room];
      if (model.is_in(room)) send({room, last_[room]});
    }
  }
  void send(Post post) {
    const std::uint64_t fate = faulty_ ? random_.below(30) : 30;
    if (fate == 0) return;
    under_way_.push_back(post);
    if (fate == 1) under_way_.push_back(post);
    if (fate == 2) under_way_.push_back({post.room, random_.below(last_[post.room]) + 1});
  }
  void deliver(Post post) {
    const pool::Message message{
        .sequence = post.sequence, .tag = 0, .room = post.room, .sender = 1, .bytes = 0};
    const pool::Delivery delivery{&message, post.sequence};
    book_.received(0, &delivery, 1, counts);
  }
  // In any order: threads overtake each other.
  void receive(std::uint64_t count) {
    for (; count > 0 && !under_way_.empty(); --count) {
      std::swap(under_way_.front(), under_way_[random_.below(under_way_.size())]);
      const Post post = under_way_.front();
      under_way_.pop_front();
      model.deliver(post.room, post.sequence);
      deliver(post);
    }
  }

  RandomStream random_;
  bool faulty_;
  std::uint64_t last_[kRooms]{};
  std::deque<Post> under_way_;
  ClientBook book_;
};

void check_equal(const Life& life) {
  CHECK(life.counts.expected - life.counts.delivered == life.model.expected - life.model.delivered);
  CHECK(life.counts.missing == life.model.missing);
  CHECK(life.counts.excused == life.model.excused);
  CHECK(life.counts.duplicates == life.model.duplicates);
  CHECK(life.counts.unexpected == life.model.unexpected);
}

TEST_CASE("the book agrees with the law over sets, whatever goes wrong", "[harness][client_book]") {
  std::uint64_t wrong = 0;
  for (std::uint64_t seed = 0; seed < 4'000; ++seed) {
    INFO("seed " << seed);
    Life life(seed, true);
    life.live(200, 4);
    check_equal(life);
    CHECK(life.counts.expected == life.model.expected);
    CHECK(life.counts.delivered == life.model.delivered);
    wrong += life.model.missing + life.model.duplicates + life.model.unexpected;
  }
  CHECK(wrong > 4'000);  // the histories were worth it
}

// A post in doubt that arrives after its stay was forgotten counts neither as expected nor as delivered.
TEST_CASE("a book that forgets agrees as well where nothing goes wrong", "[harness][client_book]") {
  std::uint64_t excused = 0;
  for (std::uint64_t seed = 0; seed < 2'000; ++seed) {
    INFO("seed " << seed);
    Life life(seed, false);
    life.live(400, 1'000);
    check_equal(life);
    CHECK(life.model.missing + life.model.duplicates + life.model.unexpected == 0);
    CHECK(life.counts.expected <= life.model.expected);
    excused += life.model.excused;
  }
  CHECK(excused > 2'000);
}

}  // namespace
}  // namespace crosstalk::harness
