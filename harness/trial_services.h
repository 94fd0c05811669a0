// What a composed server is lent for a trial: memory, threads that hand out posts, a message store, a file store, each on request;
// and what goes wrong with them on purpose.
#pragma once

#include <cstdint>
#include <memory>
#include <memory_resource>
#include <stdexcept>
#include <string>

#include "harness/store_blocker.h"
#include "harness/trial_input.h"
#include "pool/chat/chat_types.h"
#include "workloads/op.h"

namespace crosstalk::harness {

// What a handler throws under fault `thrown`.
class InjectedFault : public std::runtime_error {
 public:
  InjectedFault() : std::runtime_error("a fault that the scenario asks for (fault_throw)") {}
};

// For a server that takes no services.
[[nodiscard]] inline TrialInput without_services(TrialInput input) {
  input.options.dispatch = pool::Dispatch::inlined;
  input.options.store = StoreKind::memory;
  return input;
}

class TrialServices {
 public:
  // Throws pool::StoreError where the folder of the input cannot hold a store, std::system_error without threads.
  explicit TrialServices(const TrialInput& input);
  ~TrialServices();
  TrialServices(const TrialServices&) = delete;
  TrialServices& operator=(const TrialServices&) = delete;

  void lend(pool::ServerOptions& options) const;
  [[nodiscard]] bool has_store() const noexcept { return store_ != nullptr; }

  // As an operation with a fault begins.
  void begin(workloads::Fault fault) noexcept {
    if (fault == workloads::Fault::busy && blocker_ != nullptr) blocker_->block();
  }

  // Uploads that the file store has committed.
  [[nodiscard]] std::uint64_t files_kept() const;
  // The last sequence that the store has of a room. Throws pool::StoreError.
  [[nodiscard]] std::uint64_t last_stored(pool::RoomId room) const;

 private:
  void open_store(const TrialInput& input);

  std::unique_ptr<std::pmr::memory_resource> arena_;
  pool::Dispatch dispatch_;
  std::unique_ptr<pool::ThreadPool> executor_;
  std::unique_ptr<pool::MessageStore> store_;
  std::unique_ptr<pool::FileStore> files_;
  std::unique_ptr<StoreBlocker> blocker_;
};

}  // namespace crosstalk::harness
