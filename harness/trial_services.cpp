#include "harness/trial_services.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "harness/placement.h"
#include "pool/executor/thread_pool.h"
#include "pool/resources/arena_resource.h"
#include "pool/resources/file_store.h"
#include "pool/resources/message_store.h"

namespace crosstalk::harness {

namespace {

bool has_busy_faults(const TrialInput& input) {
  const auto& ops = input.trace->ops;
  return std::any_of(ops.begin(), ops.end(),
                     [](const workloads::Op& op) { return op.fault == workloads::Fault::busy; });
}

// A pool of its own: under a full queue of requests, nothing that was posted may be refused or thrown away.
std::unique_ptr<pool::ThreadPool> make_executor(const TrialInput& input) {
  pool::ThreadPool::Options options = pool::ThreadPool::Options::fixed(std::max(1U, input.options.workers));
  options.name = "dispatch";
  options.on_worker_start = [cpus = input.worker_cpus](unsigned index) {
    if (index < cpus.size()) pin_this_thread(cpus[index]);
  };
  return std::make_unique<pool::ThreadPool>(options);
}

}  // namespace

TrialServices::TrialServices(const TrialInput& input) : dispatch_(input.options.dispatch) {
  if (input.options.arena) arena_ = std::make_unique<pool::ArenaResource>();
  if (dispatch_ == pool::Dispatch::pooled) executor_ = make_executor(input);
  if (input.options.store == StoreKind::sqlite) open_store(input);
}

TrialServices::~TrialServices() = default;

void TrialServices::open_store(const TrialInput& input) {
  pool::MessageStoreOptions options;
  options.path = input.folder + "/messages.db";
  store_ = std::make_unique<pool::MessageStore>(options);
  // Without syncing: as with the store, an upload survives the end of the process, not that of the machine.
  const std::filesystem::path folder = std::filesystem::path(input.folder) / "files";
  std::error_code ignored;  // the file store says what is wrong
  std::filesystem::create_directory(folder, ignored);
  pool::FileStoreOptions files;
  files.uploads_max =
      static_cast<std::uint32_t>(input.drivers->size()) + input.options.workers;  // nobody waits
  files.durability = pool::FileDurability::none;
  files_ = std::make_unique<pool::FileStore>(folder, files);
  if (has_busy_faults(input)) blocker_ = std::make_unique<StoreBlocker>(options.path);
}

void TrialServices::lend(pool::ServerOptions& options) const {
  options.memory = arena_.get();
  options.dispatch = dispatch_;
  options.executor = executor_.get();
  options.store = store_.get();
  options.files = files_.get();
}

std::uint64_t TrialServices::files_kept() const {
  return files_->stats().committed;
}

std::uint64_t TrialServices::last_stored(pool::RoomId room) const {
  return store_->last_sequence(room);
}

}  // namespace crosstalk::harness
