// Memory: blocks that many threads take and give back, and objects that are freed while others may still read them.
#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <string>

#include "harness/verify/crew.h"
#include "harness/verify/sync_cases.h"

namespace crosstalk::harness::verify {

namespace {

struct MemoryBlock {
  std::byte* bytes = nullptr;
  std::size_t size = 0;
  std::size_t alignment = 0;
  std::byte mark{};
};

MemoryBlock take_block(Crew& crew, Member& member, std::pmr::memory_resource& memory) {
  static constexpr std::array<std::size_t, 4> kAlignments{8, 16, 64, 256};
  MemoryBlock block{.bytes = nullptr,
                    .size = 1 + member.random().below(member.random().one_in(16) ? 20'000 : 300),
                    .alignment = kAlignments[member.random().below(4)],
                    .mark = static_cast<std::byte>(member.random().below(256))};
  member.begin("allocate", block.size, static_cast<std::int64_t>(block.alignment));
  block.bytes = static_cast<std::byte*>(memory.allocate(block.size, block.alignment));
  member.end();
  if (reinterpret_cast<std::uintptr_t>(block.bytes) % block.alignment != 0)
    crew.fail("alignment", "a block is not aligned to " + std::to_string(block.alignment));
  std::fill_n(block.bytes, block.size, block.mark);
  return block;
}

void return_block(Crew& crew, Member& member, std::pmr::memory_resource& memory, const MemoryBlock& block) {
  if (std::any_of(block.bytes, block.bytes + block.size, [&](std::byte b) { return b != block.mark; }))
    crew.fail("no overlap", "what was written into a block was overwritten by somebody else");
  member.begin("deallocate", block.size);
  memory.deallocate(block.bytes, block.size, block.alignment);
  member.end();
}

// Some blocks are given back by who took them, others lie in a place from which another thread takes them.
void share_memory(CaseRun& run, const AnyMemory& any) {
  const std::size_t own = run.cell("deallocate = own");
  const std::size_t foreign = run.cell("deallocate = another's");
  constexpr std::size_t kPlaces = 8;
  Crew crew(run, 4);
  run.rounds({2, 3, 4, 4}, 50, 400, [&](const Round& round) {
    const auto memory = any.make();
    std::array<std::atomic<MemoryBlock*>, kPlaces> places{};
    crew.round(round, [&](Member& member) {
      for (std::uint64_t i = 0; i < round.operations; ++i) {
        member.injector().outside();
        auto block = std::make_unique<MemoryBlock>(take_block(crew, member, *memory));
        member.injector().inside();
        if (member.random().one_in(2)) {
          return_block(crew, member, *memory, *block);
          run.count(own);
          continue;
        }
        // acq_rel: what was written into the blocks goes with them.
        block.reset(
            places[member.random().below(kPlaces)].exchange(block.release(), std::memory_order_acq_rel));
        if (!block) continue;
        return_block(crew, member, *memory, *block);
        run.count(foreign);
      }
    });
    for (auto& place : places) {
      // relaxed: the round has ended.
      const std::unique_ptr<MemoryBlock> block(place.exchange(nullptr, std::memory_order_relaxed));
      if (block) return_block(crew, crew[0], *memory, *block);
    }
  });
}

// What is read and retired. Its memory is there until the round has ended, so that a bug is seen and not a crash.
struct Retirable {
  std::atomic<std::uint32_t> freed{0};
};

void read_and_retire(CaseRun& run, const AnyReclaimer& any) {
  const std::size_t reads = run.cell("read");
  const std::size_t retires = run.cell("retire");
  Crew crew(run, 4);
  run.rounds({2, 3, 4, 4}, 50, 400, [&](const Round& round) {
    std::deque<Retirable> all(round.threads * round.operations + 1);
    std::atomic<std::size_t> used{1};
    std::atomic<Retirable*> current{&all.front()};
    const auto domain = any.make();
    run.expect("progress", "a reader or a writer does not get on");
    crew.round(round, [&](Member& member) {
      for (std::uint64_t i = 0; i < round.operations; ++i) {
        member.injector().outside();
        if (member.random().one_in(3)) {
          // relaxed: a number. acq_rel: who finds the new object finds it whole.
          Retirable& next = all[used.fetch_add(1, std::memory_order_relaxed)];
          Retirable* const old = current.exchange(&next, std::memory_order_acq_rel);
          member.begin("retire");
          domain->retire([old] { raise(old->freed); });
          member.end();
          run.count(retires);
          continue;
        }
        member.begin("read");
        domain->read([&] {
          // acquire: pairs with the exchange above.
          const Retirable* const found = current.load(std::memory_order_acquire);
          member.injector().inside();
          if (look(found->freed) != 0)
            crew.fail("no use after free", "an object was freed while it was read");
        });
        member.end();
        run.count(reads);
      }
    });
    run.expect("freed in the end", "drain() with no reader does not return");
    domain->drain();
    run.expect_nothing();
    for (std::size_t i = 0; i < look(used); ++i) {
      const std::uint32_t times = look(all[i].freed);
      if (times > 1) crew.fail("exactly once", "an object was freed twice");
      if (times == 0 && &all[i] != look(current))
        crew.fail("freed in the end", "drain() returned and an object is not freed");
    }
  });
}

}  // namespace

std::vector<VerifyCase> memory_cases(const AnyMemory& any) {
  return {{"blocks", [any](CaseRun& run) { share_memory(run, any); }, 1}};
}

std::vector<VerifyCase> reclaim_cases(const AnyReclaimer& any) {
  return {{"readers and writers", [any](CaseRun& run) { read_and_retire(run, any); }, 1}};
}

}  // namespace crosstalk::harness::verify
