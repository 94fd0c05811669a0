/* What of Concurrency Kit does not compile as C++, or would be misread by ThreadSanitizer there, behind plain C functions. Each
 * costs a call that the inlined original would not: some 1 to 2 ns, part of what is measured. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ck_brlock;
struct ck_brlock_reader;

/* A ticket lock in 8 bytes; all zero is free. */
struct crosstalk_ck_ticket {
  uint64_t word;
};
void crosstalk_ck_ticket_lock(struct crosstalk_ck_ticket* lock);
bool crosstalk_ck_ticket_trylock(struct crosstalk_ck_ticket* lock);
void crosstalk_ck_ticket_unlock(struct crosstalk_ck_ticket* lock);

/* A queue lock: its tail, null is free; the node is the caller's until it has unlocked. */
struct crosstalk_ck_mcs {
  void* tail;
};
struct crosstalk_ck_mcs_node {
  uint64_t words[2];
};
void crosstalk_ck_mcs_lock(struct crosstalk_ck_mcs* lock, struct crosstalk_ck_mcs_node* node);
bool crosstalk_ck_mcs_trylock(struct crosstalk_ck_mcs* lock, struct crosstalk_ck_mcs_node* node);
void crosstalk_ck_mcs_unlock(struct crosstalk_ck_mcs* lock, struct crosstalk_ck_mcs_node* node);

/* The writer's side of a big-reader lock, and the enlisting of a reader. */
void crosstalk_ck_brlock_write_lock(struct ck_brlock* lock);
bool crosstalk_ck_brlock_write_trylock(struct ck_brlock* lock);
void crosstalk_ck_brlock_write_unlock(struct ck_brlock* lock);
void crosstalk_ck_brlock_register(struct ck_brlock* lock, struct ck_brlock_reader* reader);

#ifdef __cplusplus
}
#endif
