#include <catch2/catch.hpp>

#include <cstdint>

#include "harness/client_book.h"
#include "harness/mix.h"

namespace crosstalk::harness {
namespace {

constexpr std::uint32_t kOther = 99;  // a sender that is not the client

// Hands single deliveries to a book, as a receive would.
class Mail {
 public:
  Mail(ClientBook& book, LawCounts& counts) : book_(book), counts_(counts) {}

  void deliver(std::uint32_t client, std::uint32_t room, std::uint64_t sequence, std::uint64_t tag = 0) {
    message_ = {.sequence = sequence, .tag = tag, .room = room, .sender = kOther, .bytes = 0};
    const pool::Delivery delivery{&message_, sequence};
    book_.received(client, &delivery, 1, counts_);
  }

 private:
  ClientBook& book_;
  LawCounts& counts_;
  pool::Message message_;
};

TEST_CASE("the open stay in a room is found, and only that", "[harness][client_book]") {
  ClientBook book(2, true);
  LawCounts counts;
  CHECK(book.open_stay(0, 1) == nullptr);
  book.joined(0, 1, 5, 5);
  REQUIRE(book.open_stay(0, 1) != nullptr);
  CHECK(book.open_stay(0, 2) == nullptr);
  CHECK(book.open_stay(1, 1) == nullptr);
  book.left(0, 1, 6, 6, counts);
  CHECK(book.open_stay(0, 1) == nullptr);
  book.joined(0, 1, 9, 9);
  REQUIRE(book.open_stay(0, 1) != nullptr);
  CHECK_FALSE(book.open_stay(0, 1)->covers(9));
  CHECK(book.open_stay(0, 1)->covers(10));
}

TEST_CASE("a client let out of a room that it was not in is unexpected", "[harness][client_book]") {
  ClientBook book(1, true);
  LawCounts counts;
  book.left(0, 0, 0, 0, counts);
  CHECK(counts.unexpected == 1);
}

TEST_CASE("a delivery late from an earlier stay belongs to that stay", "[harness][client_book]") {
  ClientBook book(1, false);
  LawCounts counts;
  Mail mail(book, counts);
  book.joined(0, 0, 0, 0);
  book.left(0, 0, 3, 3, counts);  // 1, 2, 3 are under way
  book.joined(0, 0, 5, 5);
  mail.deliver(0, 0, 6);
  for (const std::uint64_t late : {1U, 2U, 3U}) mail.deliver(0, 0, late);
  mail.deliver(0, 0, 4);  // posted while the client was away
  book.finish(
      0, [](std::uint32_t) { return std::uint64_t{6}; }, counts);
  CHECK(counts.expected == 4);
  CHECK(counts.delivered == 4);
  CHECK(counts.missing == 0);
  CHECK(counts.unexpected == 1);
  CHECK(counts.received == 5);
}

TEST_CASE("posts waiting at the end of a session are excused, not expected", "[harness][client_book]") {
  ClientBook book(1, true);
  LawCounts counts;
  Mail mail(book, counts);
  book.joined(0, 0, 0, 0);
  mail.deliver(0, 0, 1);
  book.for_each_open(0, [](Stay& stay) { stay.close(3, 3); });
  book.disconnected(0, counts);
  book.joined(0, 0, 4, 4);
  mail.deliver(0, 0, 5);
  mail.deliver(0, 0, 2);  // sent to the session that has ended
  book.finish(
      0, [](std::uint32_t) { return std::uint64_t{5}; }, counts);
  CHECK(counts.expected == 2);
  CHECK(counts.delivered == 2);
  CHECK(counts.excused == 2);
  CHECK(counts.missing == 0);
  CHECK(counts.unexpected == 1);
}

TEST_CASE("with one thread an ended session holds a prefix: a hole in it is missing",
          "[harness][client_book]") {
  for (const bool alone : {true, false}) {
    ClientBook book(1, alone);
    LawCounts counts;
    Mail mail(book, counts);
    book.joined(0, 0, 0, 0);
    mail.deliver(0, 0, 1);
    mail.deliver(0, 0, 3);
    book.for_each_open(0, [](Stay& stay) { stay.close(4, 4); });
    book.disconnected(0, counts);
    book.finish(
        0, [](std::uint32_t) { return std::uint64_t{4}; }, counts);
    CHECK(counts.excused == 2);
    CHECK(counts.missing == (alone ? 1 : 0));
  }
}

TEST_CASE("a direct message counts for its receiver alone", "[harness][client_book]") {
  ClientBook book(8, false);
  LawCounts counts;
  Mail mail(book, counts);
  const std::uint64_t tag = std::uint64_t{17} << 32 | 4;  // the 17th operation of its sender, to client 4
  mail.deliver(4, pool::kNoRoom, 0, tag);
  CHECK(counts.received_directs == 1);
  CHECK(counts.direct_received_hash == mix(kOther, tag));
  CHECK(counts.unexpected == 0);
  mail.deliver(5, pool::kNoRoom, 0, tag);
  CHECK(counts.unexpected == 1);
}

TEST_CASE("a delivery whose number is not the message's is damaged", "[harness][client_book]") {
  ClientBook book(1, true);
  LawCounts counts;
  book.joined(0, 0, 0, 0);
  const pool::Message message{.sequence = 1, .tag = 0, .room = 0, .sender = kOther, .bytes = 0};
  const pool::Delivery delivery{&message, 2};
  book.received(0, &delivery, 1, counts);
  CHECK(counts.damaged == 1);
}

TEST_CASE("a post that a later one of its sender overtakes is an inversion", "[harness][client_book]") {
  ClientBook book(1, false);
  LawCounts counts;
  Mail mail(book, counts);
  book.joined(0, 0, 0, 0);
  mail.deliver(0, 0, 4, 2);  // its sender's post before it was number 2
  mail.deliver(0, 0, 3, 0);  // another sender's first
  CHECK(counts.inversions == 0);
  mail.deliver(0, 0, 2, 0);
  CHECK(counts.inversions == 1);
  CHECK(counts.disorder == 0);  // threads may overtake each other
}

TEST_CASE("an inversion over two stays of the receiver is one all the same", "[harness][client_book]") {
  ClientBook book(1, false);
  LawCounts counts;
  Mail mail(book, counts);
  book.joined(0, 0, 0, 0);
  book.left(0, 0, 1, 1, counts);
  book.joined(0, 0, 1, 1);
  mail.deliver(0, 0, 2, 1);
  mail.deliver(0, 0, 1, 0);
  CHECK(counts.inversions == 1);
  CHECK(counts.unexpected == 0);
}

TEST_CASE("a client remembers its latest post over a rejoin, so that nobody gets the two the wrong way round",
          "[harness][client_book]") {
  ClientBook book(1, false);
  LawCounts counts;
  book.joined(0, 0, 0, 0);
  book.joined(0, 1, 0, 0);
  book.open_stay(0, 0)->own(7);
  book.left(0, 0, 8, 8, counts);
  book.joined(0, 0, 9, 9);
  CHECK(book.open_stay(0, 0)->last_own() == 7);
  CHECK(book.open_stay(0, 1)->last_own() == 0);
}

TEST_CASE("a post is overtaken too where the sender's post in between fell into the receiver's absence",
          "[harness][client_book]") {
  for (const bool swapped : {false, true}) {
    ClientBook book(1, false);
    LawCounts counts;
    Mail mail(book, counts);
    book.joined(0, 0, 0, 0);
    book.left(0, 0, 1, 1, counts);  // 1 is under way
    book.joined(0, 0, 2, 2);        // 2 was posted while the client was away
    if (swapped) mail.deliver(0, 0, 3, 2);
    mail.deliver(0, 0, 1);
    if (!swapped) mail.deliver(0, 0, 3, 2);
    CHECK(counts.inversions == (swapped ? 1 : 0));
  }
}

TEST_CASE("a sender's last number outlives its forgotten stays", "[harness][client_book]") {
  ClientBook book(1, true);
  LawCounts counts;
  book.joined(0, 0, 0, 0);
  book.open_stay(0, 0)->own(1);
  book.left(0, 0, 1, 1, counts);
  for (std::uint32_t room = 1; room < 20; ++room) {
    book.joined(0, room, 0, 0);
    book.left(0, room, 0, 0, counts);
  }
  book.joined(0, 0, 1, 1);
  CHECK(book.open_stay(0, 0)->last_own() == 1);
}

TEST_CASE("what an ended session never got overtakes nothing", "[harness][client_book]") {
  ClientBook book(1, false);
  LawCounts counts;
  Mail mail(book, counts);
  book.joined(0, 0, 0, 0);
  book.for_each_open(0, [](Stay& stay) { stay.close(1, 1); });
  book.disconnected(0, counts);
  book.joined(0, 0, 1, 1);
  mail.deliver(0, 0, 2, 1);  // its sender's post before it was lost with the session
  book.finish(
      0, [](std::uint32_t) { return std::uint64_t{2}; }, counts);
  CHECK(counts.inversions == 0);
  CHECK(counts.missing == 0);
}

TEST_CASE("with one thread every post out of sequence is disorder", "[harness][client_book]") {
  ClientBook book(1, true);
  LawCounts counts;
  Mail mail(book, counts);
  book.joined(0, 0, 0, 0);
  for (const std::uint64_t sequence : {1U, 3U, 2U, 4U}) mail.deliver(0, 0, sequence);
  CHECK(counts.disorder == 1);
  CHECK(counts.inversions == 0);
}

TEST_CASE("a repetition is noticed however long ago its stay was", "[harness][client_book]") {
  for (const bool alone : {true, false}) {
    ClientBook book(1, alone);
    LawCounts counts;
    Mail mail(book, counts);
    for (std::uint64_t sequence = 1; sequence <= 50; ++sequence) {
      book.joined(0, 0, sequence - 1, sequence - 1);
      mail.deliver(0, 0, sequence);
      book.left(0, 0, sequence, sequence, counts);
    }
    mail.deliver(0, 0, 3);
    CHECK(counts.unexpected + counts.duplicates == 1);
    book.finish(
        0, [](std::uint32_t) { return std::uint64_t{50}; }, counts);
    CHECK(counts.expected == 50);
    CHECK(counts.delivered == 50);
  }
}

}  // namespace
}  // namespace crosstalk::harness
