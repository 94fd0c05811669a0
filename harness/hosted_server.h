// A server of type S with the issuers that call it: the part of a trial that is compiled once for every server.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "harness/direct_driver.h"
#include "harness/issuer.h"
#include "harness/live_probe.h"
#include "harness/recorder.h"
#include "harness/repeater.h"
#include "harness/server_under_test.h"
#include "pool/chat/chat_server.h"

namespace crosstalk::harness {

// `timed`: operations are timed.
template <pool::ChatOperations S, bool timed>
class HostedServer final : public ServerUnderTest {
 public:
  HostedServer(const pool::ServerOptions& options, const IssuerSetting& setting) : server_(options) {
    for (const auto& recorder : setting.recorders) {
      issuers_.push_back(std::make_unique<Issuer<S, timed>>(server_, setting, *recorder));
    }
  }

  Issued issue(std::size_t place, const workloads::Op& op) override { return issuers_[place]->issue(op); }
  Issued request(std::size_t place, const workloads::Op& op, std::uint64_t intended) override {
    issuers_[place]->set_intended(intended);
    return issuers_[place]->issue(op);
  }
  Issued receive(std::size_t place, std::uint32_t client, std::uint64_t intended) override {
    issuers_[place]->set_intended(intended);
    return issuers_[place]->receive(client);
  }

  void repeat(std::size_t place, RepeatOf what, const workloads::Op& op) override {
    repeat_once(*issuers_[place], what, op);
  }

  std::uint64_t drive(const DriverRun& run) override {
    DirectDriver<S, timed> driver(run, *issuers_[run.index]);
    const std::uint64_t end = driver.run(run.window);
    run.flows = driver.records().flows();
    driver.records().merge_into(run.maxima);
    return end;
  }

  LawCounts& counts(std::size_t place) override { return issuers_[place]->counts(); }
  void settle() override {
    if constexpr (pool::ComposedServer<S>) server_.settle();
  }
  std::uint64_t sequence(std::uint32_t room) override {
    if constexpr (pool::CountingServer<S>) {
      return 0;
    } else {
      return server_.sequence(room);
    }
  }
  void sum_up(LawCounts& counts) override {
    if constexpr (pool::CountingServer<S>) {
      counts.counted = server_.counted();
    } else {
      const pool::InboxTotals totals = server_.inbox_totals();
      counts.enqueued = totals.enqueued;
      counts.server_received = totals.received;
      counts.queued = totals.queued;
      counts.dropped = totals.dropped;
      counts.discarded = totals.discarded;
      counts.sequence_sum = server_.sequence_sum();
      counts.unread_sum = server_.unread_sum();
      counts.memberships = server_.memberships();
      counts.sessions = server_.sessions();
      counts.lock_violations = LiveProbe::violations();
    }
  }

 private:
  S server_;
  std::vector<std::unique_ptr<Issuer<S, timed>>> issuers_;  // pooled: the workers', then the drivers'
};

template <pool::ChatOperations S>
[[nodiscard]] std::unique_ptr<ServerUnderTest> host_server(const pool::ServerOptions& options,
                                                           const IssuerSetting& setting, bool timed) {
  if (timed) return std::make_unique<HostedServer<S, true>>(options, setting);
  return std::make_unique<HostedServer<S, false>>(options, setting);
}

template <pool::ChatOperations S>
inline constexpr ServerKind kServerKind{
    .counting = pool::CountingServer<S>, .composed = pool::ComposedServer<S>, .make = &host_server<S>};

}  // namespace crosstalk::harness
