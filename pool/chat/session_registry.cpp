#include "pool/chat/session_registry.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include <pthread.h>

namespace crosstalk::pool {

namespace {

using std::chrono::nanoseconds;

// How many hooks of any registry this thread is inside of.
thread_local unsigned session_hook_depth = 0;

class InSessionHook {
 public:
  InSessionHook() noexcept { ++session_hook_depth; }
  ~InSessionHook() { --session_hook_depth; }
  InSessionHook(const InSessionHook&) = delete;
  InSessionHook& operator=(const InSessionHook&) = delete;
};

constexpr nanoseconds kShortestIdleTimeout{1'000};
constexpr int kSessionTickBits = 8;  // an idle time-out is 2^7 to 2^8 ticks

std::string session_option_error(std::string_view rule, std::int64_t value) {
  return "session registry: " + std::string(rule) + ", got " + std::to_string(value);
}

SessionRegistry::Options checked_session_options(SessionRegistry::Options options) {
  if (options.clients == 0)
    throw std::invalid_argument(session_option_error("clients must be at least 1", 0));
  if (options.limit > options.clients) {
    throw std::invalid_argument(session_option_error(
        "limit must be at most clients, " + std::to_string(options.clients), options.limit));
  }
  if (options.limit == 0) options.limit = options.clients;
  if (options.idle_timeout != nanoseconds{0} && options.idle_timeout < kShortestIdleTimeout) {
    throw std::invalid_argument(
        session_option_error("idle_timeout must be 0 or at least 1000 ns", options.idle_timeout.count()));
  }
  if (options.reap_interval < nanoseconds{0}) {
    throw std::invalid_argument(
        session_option_error("reap_interval must not be negative", options.reap_interval.count()));
  }
  if (options.reap_interval > nanoseconds{0} && options.idle_timeout == nanoseconds{0}) {
    throw std::invalid_argument(session_option_error("reap_interval must be 0 without an idle_timeout",
                                                     options.reap_interval.count()));
  }
  if (options.now == nullptr) throw std::invalid_argument("session registry: now must be a clock");
  return options;
}

}  // namespace

SessionRegistry::SessionRegistry(Options options)
    : options_(checked_session_options(std::move(options))),
      words_(std::make_unique<std::atomic<std::uint64_t>[]>(options_.clients)) {
  const auto timeout = static_cast<std::uint64_t>(options_.idle_timeout.count());
  if (timeout > 0) {
    tick_shift_ = static_cast<std::uint32_t>(std::bit_width(timeout) - kSessionTickBits);
    const std::uint64_t tick = std::uint64_t{1} << tick_shift_;
    timeout_ticks_ = static_cast<std::uint32_t>((timeout + tick - 1) / tick);
  }
  if (options_.reap_interval > nanoseconds{0}) reaper_ = std::thread([this] { run_reaper(); });
}

SessionRegistry::~SessionRegistry() {
  shutdown();
  if (reaper_.joinable()) reaper_.join();
}

ConnectResult SessionRegistry::connect(ClientId client) {
  if (client >= options_.clients) return refuse(ConnectStatus::no_such_client, {client, 0});
  std::atomic<std::uint64_t>& word = words_[client];
  // relaxed: validated by the CAS.
  std::uint64_t seen = word.load(std::memory_order_relaxed);
  SessionWord asking;
  do {
    const SessionWord current = SessionWord::unpack(seen);
    if (current.state != State::free) {
      return refuse(current.state == State::ending ? ConnectStatus::ending : ConnectStatus::already_connected,
                    {client, current.generation});
    }
    asking = {.generation = current.generation, .state = State::asking, .value = 0};
    // (3) - acquire: synchronizes with the release in clear_away() (6): a stay sees the end of the one before.
  } while (
      !word.compare_exchange_weak(seen, asking.pack(), std::memory_order_acquire, std::memory_order_relaxed));

  const SessionRef session{client, asking.generation};
  const SessionWord vacant{.generation = session.generation, .state = State::free, .value = 0};
  if (const ConnectStatus status = admit(); status != ConnectStatus::ok) {
    // release: hands on what (3) has seen.
    word.store(vacant.pack(), std::memory_order_release);
    return refuse(status, session);
  }
  return open(word, asking, session);
}

// The second half of connect(): a place is taken.
ConnectResult SessionRegistry::open(std::atomic<std::uint64_t>& word, SessionWord asking,
                                    SessionRef session) {
  SessionWord letting_in = asking;
  if (options_.opened) {
    letting_in.state = State::opening;
    std::uint64_t expected = asking.pack();
    // release: as (4), for whoever ends the session from here on. relaxed on failure, which is the shutdown's order to
    // end; it is found below.
    static_cast<void>(word.compare_exchange_strong(expected, letting_in.pack(), std::memory_order_release,
                                                   std::memory_order_relaxed));
    try {
      const InSessionHook inside;
      options_.opened(session);
    } catch (...) {
      const SessionWord vacant{.generation = session.generation, .state = State::free, .value = 0};
      // release: as (6).
      word.store(vacant.pack(), std::memory_order_release);
      give_back_place();
      throw;
    }
  }
  connected_.fetch_add(1, std::memory_order_relaxed);  // relaxed: a statistic
  const SessionWord there{
      .generation = session.generation, .state = State::active, .value = ticks(options_.now())};
  std::uint64_t seen = letting_in.pack();
  // (4) - release: synchronizes with the acquires in active() (1) and end_from() (5), which see what `opened` did.
  // relaxed on failure: then the session was ended meanwhile, and the reason is in the word itself.
  if (!word.compare_exchange_strong(seen, there.pack(), std::memory_order_release,
                                    std::memory_order_relaxed)) {
    clear_away(session, static_cast<EndReason>(SessionWord::unpack(seen).value));
  }
  return {.status = ConnectStatus::ok, .session = session};
}

bool SessionRegistry::end_from(State earliest, SessionRef session, EndReason reason) {
  if (session.client >= options_.clients) return false;
  std::atomic<std::uint64_t>& word = words_[session.client];
  const SessionWord ending{
      .generation = session.generation, .state = State::ending, .value = static_cast<std::uint32_t>(reason)};
  // relaxed: validated by the CAS.
  std::uint64_t seen = word.load(std::memory_order_relaxed);
  SessionWord current;
  do {
    current = SessionWord::unpack(seen);
    const bool endable = current.state >= earliest && current.state <= State::active;
    if (current.generation != session.generation || !endable) return false;
    // (5) - acquire: synchronizes with the release in connect() (4). Heartbeats in between do not part the two: they
    // are read-modify-writes.
  } while (
      !word.compare_exchange_weak(seen, ending.pack(), std::memory_order_acquire, std::memory_order_relaxed));
  // The thread in connect() finds the order when `opened` is done.
  if (current.state == State::active) clear_away(session, reason);
  return true;
}

bool SessionRegistry::heartbeat(SessionRef session, Deadline now) noexcept {
  if (session.client >= options_.clients) return false;
  std::atomic<std::uint64_t>& word = words_[session.client];
  const std::uint32_t stamp = ticks(now);
  // acquire: as (1).
  std::uint64_t seen = word.load(std::memory_order_acquire);
  while (true) {
    const SessionWord current = SessionWord::unpack(seen);
    if (!current.is(session.generation, State::active)) return false;
    if (timeout_ticks_ == 0 || current.age(stamp) == 0) return true;
    const SessionWord stamped{.generation = current.generation, .state = State::active, .value = stamp};
    // acquire: as (1). It fails only where the session ended or another heartbeat brought the stamp up, so the loop is
    // short.
    if (word.compare_exchange_weak(seen, stamped.pack(), std::memory_order_acquire,
                                   std::memory_order_acquire)) {
      return true;
    }
  }
}

std::optional<SessionRef> SessionRegistry::session_of(ClientId client) const noexcept {
  if (client >= options_.clients) return std::nullopt;
  // acquire: as (1).
  const SessionWord current = SessionWord::unpack(words_[client].load(std::memory_order_acquire));
  if (current.state != State::active) return std::nullopt;
  return SessionRef{client, current.generation};
}

std::size_t SessionRegistry::reap() {
  if (timeout_ticks_ == 0) return 0;
  const std::uint32_t now = ticks(options_.now());
  const std::uint32_t timeout = timeout_ticks_;
  const ClientId clients = options_.clients;
  std::atomic<std::uint64_t>* const words = words_.get();
  std::size_t reaped = 0;
  for (ClientId client = 0; client < clients; ++client) {
    std::atomic<std::uint64_t>& word = words[client];
    // relaxed: validated by the CAS.
    std::uint64_t seen = word.load(std::memory_order_relaxed);
    const SessionWord current = SessionWord::unpack(seen);
    if (current.state != State::active || current.age(now) <= timeout) continue;
    const SessionWord ending{.generation = current.generation,
                             .state = State::ending,
                             .value = static_cast<std::uint32_t>(EndReason::reaped)};
    // acquire: as (5). One attempt: where it fails the session was heard of, or has ended.
    if (word.compare_exchange_strong(seen, ending.pack(), std::memory_order_acquire,
                                     std::memory_order_relaxed)) {
      clear_away({client, current.generation}, EndReason::reaped);
      ++reaped;
    }
  }
  return reaped;
}

void SessionRegistry::stop_accepting() noexcept {
  // (8) - acquire: synchronizes with the release in admit() (7), so that shutdown() meets every session that was let in
  // before.
  places_.fetch_or(kClosed, std::memory_order_acquire);
  closed_.notify_all();
}

bool SessionRegistry::wait_empty(Deadline deadline) {
  const auto empty = [this] {
    // (10) - acquire: synchronizes with the releases in give_back_place() (9).
    return (places_.load(std::memory_order_acquire) & ~kClosed) == 0;
  };
  return session_hook_depth > 0 ? empty() : empty_.await(empty, deadline);
}

bool SessionRegistry::shutdown() {
  stop_accepting();
  for (ClientId client = 0; client < options_.clients; ++client) {
    // relaxed: (7) and (8) let this see whoever holds a place.
    const SessionWord current = SessionWord::unpack(words_[client].load(std::memory_order_relaxed));
    end_from(State::asking, {client, current.generation}, EndReason::shutdown);
  }
  return wait_empty();
}

SessionTotals SessionRegistry::totals() const noexcept {
  // relaxed (all): statistics, exact once the threads that changed them are joined or otherwise waited for.
  SessionTotals totals;
  totals.connected = connected_.load(std::memory_order_relaxed);
  totals.active = places_.load(std::memory_order_relaxed) & ~kClosed;
  for (std::size_t i = 0; i < kEndReasons; ++i) {
    totals.ended[i] = ended_[i].load(std::memory_order_relaxed);
  }
  for (std::size_t i = 0; i < kConnectStatuses; ++i) {
    totals.rejected[i] = rejected_[i].load(std::memory_order_relaxed);
  }
  totals.hook_errors = hook_errors_.load(std::memory_order_relaxed);
  return totals;
}

ConnectStatus SessionRegistry::admit() noexcept {
  // relaxed: validated by the CAS.
  std::uint64_t seen = places_.load(std::memory_order_relaxed);
  do {
    if ((seen & kClosed) != 0) return ConnectStatus::shutting_down;
    if (seen >= options_.limit) return ConnectStatus::full;
    // (7) - release: synchronizes with the acquire in stop_accepting() (8), which so sees the word `asking`.
  } while (
      !places_.compare_exchange_weak(seen, seen + 1, std::memory_order_release, std::memory_order_relaxed));
  return ConnectStatus::ok;
}

void SessionRegistry::give_back_place() noexcept {
  // (9) - release: synchronizes with the acquire in wait_empty() (10).
  const std::uint64_t before = places_.fetch_sub(1, std::memory_order_release);
  if ((before & ~kClosed) == 1) empty_.notify_all();
}

ConnectResult SessionRegistry::refuse(ConnectStatus status, SessionRef session) noexcept {
  // relaxed: a statistic.
  rejected_[static_cast<std::size_t>(status)].fetch_add(1, std::memory_order_relaxed);
  return {.status = status, .session = session};
}

void SessionRegistry::clear_away(SessionRef session, EndReason reason) {
  if (reason != EndReason::disconnected) run_end_hook(options_.goodbye, session, reason);
  run_end_hook(options_.ended, session, reason);
  ended_[static_cast<std::size_t>(reason)].fetch_add(1, std::memory_order_relaxed);  // relaxed: a statistic
  const SessionWord vacant{.generation = session.generation + 1, .state = State::free, .value = 0};
  // (6) - release: synchronizes with the acquire in connect() (3).
  words_[session.client].store(vacant.pack(), std::memory_order_release);
  give_back_place();
}

void SessionRegistry::run_end_hook(const EndHook& hook, SessionRef session, EndReason reason) noexcept {
  if (!hook) return;
  const InSessionHook inside;
  try {
    hook(session, reason);
  } catch (...) {
    hook_errors_.fetch_add(1, std::memory_order_relaxed);  // relaxed: a statistic
  }
}

void SessionRegistry::run_reaper() {
  pthread_setname_np(pthread_self(), "session-reaper");
  // relaxed: the reaper needs to see the end, and nothing that came before it.
  const auto closed = [this] { return (places_.load(std::memory_order_relaxed) & kClosed) != 0; };
  while (!closed_.await(closed, deadline_in(options_.reap_interval))) reap();
}

}  // namespace crosstalk::pool
