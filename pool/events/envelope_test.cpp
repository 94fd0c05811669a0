#include "pool/events/envelope.h"

#include <catch2/catch.hpp>

#include <cstdint>
#include <memory>
#include <stdexcept>

namespace crosstalk::pool::detail {
namespace {

TEST_CASE("an envelope's copy lives until all links have been given back", "[pool][bus]") {
  const auto event = std::make_shared<int>(5);
  Envelope* const envelope = Envelope::make(kEventType<std::shared_ptr<int>>, &event, 3);
  CHECK(event.use_count() == 2);
  const Link& first = envelope->take_link();
  const Link& second = envelope->take_link();
  CHECK(first.envelope == envelope);
  CHECK(&first != &second);
  CHECK(**static_cast<const std::shared_ptr<int>*>(envelope->event()) == 5);
  envelope->close();
  envelope->release(1);
  CHECK(event.use_count() == 2);
  envelope->release(1);
  CHECK(event.use_count() == 1);
}

TEST_CASE("an envelope nobody used ends when it is closed", "[pool][bus]") {
  const auto event = std::make_shared<int>(5);
  Envelope::make(kEventType<std::shared_ptr<int>>, &event, 2)->close();
  CHECK(event.use_count() == 1);
}

struct alignas(256) EnvelopeWide {
  int value = 3;
};

TEST_CASE("an envelope aligns its event", "[pool][bus]") {
  const EnvelopeWide event;
  Envelope* const envelope = Envelope::make(kEventType<EnvelopeWide>, &event, 1);
  CHECK(reinterpret_cast<std::uintptr_t>(envelope->event()) % 256 == 0);
  CHECK(static_cast<const EnvelopeWide*>(envelope->event())->value == 3);
  envelope->close();
}

struct EnvelopeUncopied {
  EnvelopeUncopied() = default;
  EnvelopeUncopied(const EnvelopeUncopied& other) { throw std::runtime_error(&other != this ? "no" : ""); }
};

TEST_CASE("an envelope lets out what copying the event throws", "[pool][bus]") {
  const EnvelopeUncopied event;
  CHECK_THROWS_AS(Envelope::make(kEventType<EnvelopeUncopied>, &event, 1), std::runtime_error);
}

TEST_CASE("returned envelopes are given back in groups", "[pool][bus]") {
  const auto event = std::make_shared<int>(5);
  Envelope* const one = Envelope::make(kEventType<std::shared_ptr<int>>, &event, 2);
  Envelope* const two = Envelope::make(kEventType<std::shared_ptr<int>>, &event, 1);
  for (int i = 0; i < 2; ++i) static_cast<void>(one->take_link());
  static_cast<void>(two->take_link());
  one->close();
  two->close();
  EnvelopeReturns returns;
  returns.add(one);
  returns.add(one);
  CHECK(event.use_count() == 3);
  returns.add(two);
  CHECK(event.use_count() == 2);
  returns.flush();
  CHECK(event.use_count() == 1);
}

}  // namespace
}  // namespace crosstalk::pool::detail
