// One client's stay in one room, and the reach law over it.
//
// The room's sequence is read before and after the join (a, b) and before and after the leave (c, d). Whatever the
// server says, the client must receive every post of others numbered in (b, c] exactly once, may receive those in
// (a, b] and (c, d], whose place relative to the join or leave nobody can know, and must receive nothing else.
//
//        a    b                                c    d
//   -----+----+--------------------------------+----+------> sequence of the room
//   never  may              must                 may   never
//
// Received numbers are tracked exactly but cheaply: `highest` and the few ranges below it that are still missing
// (own posts count as received). In order of sequence, which is the common case, that is one comparison. A stay is
// small, since a trial with a million clients has more than a million of them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "harness/missing_ranges.h"

namespace crosstalk::harness {

class Stay {
 public:
  static constexpr std::uint64_t kOpen = ~std::uint64_t{0};

  enum class Arrival : std::uint8_t { expected, possible, duplicate, foreign };

  // A stay that began between the sequence numbers `before` (a) and `after` (b). `last_own`: see there.
  Stay(std::uint32_t room, std::uint64_t before, std::uint64_t after, std::uint64_t last_own = 0) noexcept
      : room_(room),
        doubt_before_(width(after - before)),
        after_(after),
        highest_(after),
        newest_(after),
        last_own_(last_own) {}

  [[nodiscard]] std::uint32_t room() const noexcept { return room_; }
  [[nodiscard]] bool open() const noexcept { return left_ == kOpen; }
  // The client's latest own post in the room, in this stay or one before, 0 before the first: the tag of its next one.
  [[nodiscard]] std::uint64_t last_own() const noexcept { return last_own_; }
  // Could post `sequence` belong to this stay?
  [[nodiscard]] bool covers(std::uint64_t sequence) const noexcept {
    return sequence > after_ - doubt_before_ && (open() || sequence <= left_ + doubt_after_);
  }
  // The highest number that may belong to a closed stay.
  [[nodiscard]] std::uint64_t last_possible() const noexcept { return left_ + doubt_after_; }
  // Post `sequence` had to arrive, or might, and has not yet.
  [[nodiscard]] bool lacks(std::uint64_t sequence) const noexcept {
    if (sequence <= after_) return covers(sequence) && unseen(early_, after_ - sequence);
    if (sequence > left_) return covers(sequence) && unseen(late_, sequence - left_ - 1);
    if (sequence > highest_) return true;
    return gaps_ != nullptr && gaps_->missing.contains(sequence);
  }

  // A post arrived whose sender's post before it, `sequence`, has not: that one is overtaken, should it come.
  void overtake(std::uint64_t sequence) { gaps().overtaken.push_back(sequence); }
  // Was `sequence`, which arrives now, overtaken by a later post of its sender?
  [[nodiscard]] bool was_overtaken(std::uint64_t sequence) noexcept {
    return gaps_ != nullptr && std::erase(gaps_->overtaken, sequence) != 0;
  }
  // Post `sequence` of `sender` arrived, whose post before it fell between two stays, so that no tag leads from here to
  // what an earlier stay may still wait for.
  void follow(std::uint32_t sender, std::uint64_t sequence) {
    auto& followers = gaps().followers;
    if (followers.size() < kFollowers) followers.push_back({sequence, sender});
  }
  // Has a post of `sender` above `sequence` arrived so?
  [[nodiscard]] bool followed(std::uint32_t sender, std::uint64_t sequence) const noexcept {
    return gaps_ != nullptr &&
           std::any_of(gaps_->followers.begin(), gaps_->followers.end(), [&](const Follower& follower) {
             return follower.sender == sender && follower.sequence > sequence;
           });
  }
  // Arrives `sequence` after a higher one of another client? Notes it as arrived.
  bool out_of_order(std::uint64_t sequence) noexcept {
    if (sequence < newest_) return true;
    newest_ = sequence;
    return false;
  }

  // The client itself posted `sequence`.
  void own(std::uint64_t sequence) {
    last_own_ = sequence;
    ++own_count_;
    take(sequence);
  }

  // Post `sequence` of another client arrived.
  Arrival arrive(std::uint64_t sequence) {
    if (!covers(sequence)) return Arrival::foreign;
    if (sequence <= after_) return once(early_, after_ - sequence);
    if (sequence > left_) return once(late_, sequence - left_ - 1);
    if (!take(sequence)) return Arrival::duplicate;
    ++received_;
    return Arrival::expected;
  }

  // The common case in a few comparisons: post `sequence` of another client is the very next of those that must arrive, nothing
  // was overtaken, and the sender's post before it, `tag`, has arrived in this stay; 0: there is none. False: it is another
  // case, and nothing was noted. Where it is true, arrive() would have said expected, was_overtaken() and out_of_order()
  // false, and lacks(tag) too.
  [[nodiscard]] bool arrive_in_turn(std::uint64_t sequence, std::uint64_t tag) noexcept {
    if (excused_ || sequence > left_ || newest_ >= sequence) return false;
    if (tag != 0 && (tag <= after_ || tag >= sequence)) return false;
    if (gaps_ == nullptr) {
      if (sequence != highest_ + 1) return false;
      highest_ = sequence;
    } else if (!fill_in_turn(sequence)) {
      return false;
    }
    newest_ = sequence;
    ++received_;
    return true;
  }

  // The stay ended between the sequence numbers `before` (c) and `after` (d).
  void close(std::uint64_t before, std::uint64_t after) {
    if (before > highest_) {
      gaps().missing.add(highest_ + 1, before);
      highest_ = before;
    }
    left_ = before;
    doubt_after_ = width(after - before);
  }

  // The session has ended: what had not been received by then never will be.
  void excuse() noexcept { excused_ = true; }

  [[nodiscard]] bool excused() const noexcept { return excused_; }
  // Posts that had to arrive and are still missing; meaningful once closed.
  [[nodiscard]] std::uint64_t missing() const noexcept {
    return gaps_ == nullptr ? 0 : gaps_->missing.count();
  }
  // Of these, posts below one that did arrive: skipped, not just cut off by the end of the session.
  [[nodiscard]] std::uint64_t skipped() const noexcept {
    return gaps_ == nullptr ? 0 : gaps_->missing.count_up_to(newest_);
  }
  // Posts of others that had to arrive: (b, c] without the client's own.
  [[nodiscard]] std::uint64_t due() const noexcept { return left_ - after_ - own_count_; }
  [[nodiscard]] std::uint64_t received() const noexcept { return received_; }
  [[nodiscard]] std::uint64_t possible_received() const noexcept { return possible_; }
  // Closed, and all has arrived that could: whatever claims to belong here is a repetition.
  [[nodiscard]] bool exhausted() const noexcept {
    if (excused_) return true;
    return !open() && missing() == 0 && possible_ >= std::uint64_t{doubt_before_} + doubt_after_;
  }

 private:
  struct Follower {
    std::uint64_t sequence;
    std::uint32_t sender;
  };
  // What is late is late by a batch of deliveries or a preemption: of the senders heard since, the first matter.
  static constexpr std::size_t kFollowers = 128;

  struct Gaps {
    MissingRanges missing;                 // below highest_
    std::vector<std::uint64_t> overtaken;  // missing, while the sender's next post has arrived
    std::vector<Follower> followers;       // a sender's first post that arrived after a time away
  };

  static std::uint32_t width(std::uint64_t posts) noexcept {
    return static_cast<std::uint32_t>(
        std::min<std::uint64_t>(posts, std::numeric_limits<std::uint32_t>::max()));
  }

  Gaps& gaps() {
    if (gaps_ == nullptr) gaps_ = std::make_unique<Gaps>();
    return *gaps_;
  }

  // Posts in the two zones of doubt are marked in a bit each; of the few beyond the 32nd, repetitions go unseen.
  Arrival once(std::uint32_t& seen, std::uint64_t place) noexcept {
    const std::uint32_t bit = place < 32 ? std::uint32_t{1} << place : 0;
    if ((seen & bit) != 0) return Arrival::duplicate;
    seen |= bit;
    ++possible_;
    return Arrival::possible;
  }

  // Of the posts beyond the 32nd nobody knows.
  static bool unseen(std::uint32_t seen, std::uint64_t place) noexcept {
    return place < 32 && (seen & (std::uint32_t{1} << place)) == 0;
  }

  // False if `sequence` was taken before.
  bool take(std::uint64_t sequence) {
    if (sequence > highest_) {
      if (sequence > highest_ + 1) gaps().missing.add(highest_ + 1, sequence - 1);
      highest_ = sequence;
      return true;
    }
    return gaps_ != nullptr && gaps_->missing.take(sequence);
  }

  // Takes the lowest that is missing; with own posts among those of others there are often some.
  bool fill_in_turn(std::uint64_t sequence) noexcept {
    MissingRanges& missing = gaps_->missing;
    if (!gaps_->overtaken.empty() || !gaps_->followers.empty()) return false;
    if (missing.empty()) {
      if (sequence != highest_ + 1) return false;
      highest_ = sequence;
      return true;
    }
    return missing.take_lowest(sequence);
  }

  // A word for both: a client alone may post more than 2^32 times.
  bool excused_ : 1 = false;
  std::uint64_t own_count_ : 63 = 0;
  std::uint32_t room_;
  std::uint32_t possible_ = 0;
  std::uint32_t doubt_before_;     // b - a
  std::uint32_t doubt_after_ = 0;  // d - c
  std::uint32_t early_ = 0;
  std::uint32_t late_ = 0;
  std::uint64_t after_;         // b
  std::uint64_t left_ = kOpen;  // c
  std::uint64_t highest_;       // highest number taken, own posts included; at least b
  std::uint64_t newest_;        // highest number of others that arrived
  std::uint64_t last_own_;
  std::uint64_t received_ = 0;  // of the posts that had to arrive
  std::unique_ptr<Gaps> gaps_;  // made when the first gap opens
};
static_assert(sizeof(Stay) <= 88);

}  // namespace crosstalk::harness
