// The connection manager: who is connected, since when unheard of, and how stays end.
//
// It keeps one word a client (session.h) and nothing else: 8 bytes, no lock, nothing allocated after the constructor.
// Whoever moves a session's word to `ending` has won the right to end it, so a client that leaves, a moderator, the
// reaper and the shutdown may all come at once and the stay still ends exactly once. Memberships and inboxes belong to
// the server: it hangs its clearing away into the hooks.
//
// Guarded: SessionRef is a client and how many stays it had before. A handle of an earlier stay fits no later word, so
// it heartbeats, kicks and ends nobody (until a client has had 2^32 stays).
//
// Hooks run on the thread that caused them, with no lock held; they may call the registry. For one stay:
//   opened(ref)           once, before connect() returns; an end that is ordered meanwhile waits for it. If it throws,
//                         connect() throws that on, and there was no stay
//   goodbye(ref, reason)  once, unless the client itself left: the last words to it
//   ended(ref, reason)    once, after goodbye: the client's place is given to nobody before it returns
// What goodbye and ended throw is counted, and changes nothing.
//
// A kick is urgent in that it passes by everything the session has queued: it acts at once, on the caller's thread, and
// queued requests of the session find active() false, one load, and drop themselves. A server whose requests go through
// an executor posts a kick there as Priority::urgent and not to the session's strand, behind whose work it would wait.
// The one request that may be running then is to check the session under the server's own lock, as `ended` does.
//
// Progress: heartbeat(), active(), session_of() and totals() never wait; connect(), disconnect(), kick() and end() are
// lock-free but for the hooks they run. reap() is O(clients) and lock-free likewise. shutdown(), wait_empty() and the
// destructor block: for the ends under way on other threads.
// Errors: bad options throw std::invalid_argument, all else is a status. Ownership: the registry owns its thread; the
// hooks must be callable until the destructor returns, and nobody may be inside another call when it starts.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "pool/cache_line.h"
#include "pool/chat/chat_types.h"
#include "pool/chat/session.h"
#include "pool/sync/event_count.h"

namespace crosstalk::pool {

class SessionRegistry {
  using State = SessionWord::State;

 public:
  // The time by which sessions grow old. Monotonic: the wall clock has no part in it.
  using Now = Deadline (*)() noexcept;
  using EndHook = std::function<void(SessionRef, EndReason)>;

  struct Options {
    std::uint32_t clients = 1;                  // ids 0 .. clients - 1
    std::uint32_t limit = 0;                    // sessions at a time; 0: as many as clients
    std::chrono::nanoseconds idle_timeout{0};   // 0: nobody is reaped; at least 1 us
    std::chrono::nanoseconds reap_interval{0};  // of a thread that calls reap(); 0: none, the owner calls it
    Now now = &steady_now;
    std::function<void(SessionRef)> opened;
    EndHook goodbye;
    EndHook ended;
  };

  // Throws std::invalid_argument for options that make no sense, std::system_error if the reaper's thread cannot start.
  explicit SessionRegistry(Options options);
  // As shutdown(); then joins the reaper.
  ~SessionRegistry();
  SessionRegistry(const SessionRegistry&) = delete;
  SessionRegistry& operator=(const SessionRegistry&) = delete;

  // Lets the client in, or says why not. A session that somebody ended while its `opened` ran is reported as ok, and
  // has ended when this returns.
  ConnectResult connect(ClientId client);

  // Ends the stay, hooks included. False, and nothing done, if it has ended or somebody else is ending it. Of a session
  // that is still being let in, only the order is left: the thread in connect() carries it out, unless `opened` throws.
  bool disconnect(SessionRef session) { return end(session, EndReason::disconnected); }
  bool kick(SessionRef session) { return end(session, EndReason::kicked); }
  bool end(SessionRef session, EndReason reason) { return end_from(State::opening, session, reason); }

  // The session was heard of just now (or at `now`, for a caller that has read the clock). False if it has ended.
  // After a heartbeat that returned true no reap() ends the session for an idle time-out, and every reap() does that
  // comes a 64th of it later. It writes once in a 128th of the idle time-out at most, and else only reads.
  bool heartbeat(SessionRef session) noexcept { return heartbeat(session, options_.now()); }
  bool heartbeat(SessionRef session, Deadline now) noexcept;

  [[nodiscard]] bool active(SessionRef session) const noexcept {
    // (1) - acquire: synchronizes with the release in connect() (4), so what `opened` did is seen.
    return session.client < options_.clients &&
           SessionWord::unpack(words_[session.client].load(std::memory_order_acquire))
               .is(session.generation, State::active);
  }
  // The client's session if it has one; it may end at any time.
  [[nodiscard]] std::optional<SessionRef> session_of(ClientId client) const noexcept;

  // Ends every session that was not heard of for the idle time-out; returns how many. By any thread, several at once. It
  // has to come by once in a million idle time-outs: a session older than that looks young again for as long.
  std::size_t reap();

  // No admissions from here on. For an orderly end with a grace period: stop_accepting(); tell the clients over the
  // server's usual ways; wait_empty(deadline_in(grace)); shutdown().
  void stop_accepting() noexcept;
  // Waits until nobody is connected or being let in; false if the deadline passed first. In a hook it never waits.
  bool wait_empty(Deadline deadline = kNoDeadline);
  // Refuses newcomers, ends every session with its goodbye, and waits for the ends that other threads carry out.
  // Idempotent; concurrent callers share the work. True: all stays are over. False only in a hook, which cannot wait for
  // itself: the rest end on the threads that are at it.
  bool shutdown();

  [[nodiscard]] SessionTotals totals() const noexcept;

 private:
  static Deadline steady_now() noexcept { return std::chrono::steady_clock::now(); }

  [[nodiscard]] std::uint32_t ticks(Deadline now) const noexcept {
    return static_cast<std::uint32_t>(static_cast<std::uint64_t>(now.time_since_epoch().count()) >>
                                      tick_shift_) &
           SessionWord::kValueMask;
  }
  // Ends the stay if it is in `earliest` or a later state, but not ending.
  bool end_from(State earliest, SessionRef session, EndReason reason);
  ConnectStatus admit() noexcept;
  void give_back_place() noexcept;
  ConnectResult refuse(ConnectStatus status, SessionRef session) noexcept;
  ConnectResult open(std::atomic<std::uint64_t>& word, SessionWord asking, SessionRef session);
  void clear_away(SessionRef session, EndReason reason);
  void run_end_hook(const EndHook& hook, SessionRef session, EndReason reason) noexcept;
  void run_reaper();

  static constexpr std::uint64_t kClosed = std::uint64_t{1} << 63;

  const Options options_;
  std::uint32_t tick_shift_ = 0;     // a tick is 2^this nanoseconds
  std::uint32_t timeout_ticks_ = 0;  // 128 to 256 for usual time-outs
  std::unique_ptr<std::atomic<std::uint64_t>[]> words_;

  // | 63 closed | 62..0 places taken |: the limit and the shutdown are decided in one step.
  alignas(kCacheLine) std::atomic<std::uint64_t> places_{0};
  std::atomic<std::uint64_t> connected_{0};
  std::array<std::atomic<std::uint64_t>, kEndReasons> ended_{};
  std::array<std::atomic<std::uint64_t>, kConnectStatuses> rejected_{};
  std::atomic<std::uint64_t> hook_errors_{0};
  EventCount empty_;   // a place was given back and none is taken
  EventCount closed_;  // stop_accepting(): the reaper goes home
  std::thread reaper_;
};

}  // namespace crosstalk::pool
