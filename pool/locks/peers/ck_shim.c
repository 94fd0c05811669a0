#include "pool/locks/peers/ck_shim.h"

#include <ck_brlock.h>
#include <ck_spinlock.h>

_Static_assert(sizeof(ck_spinlock_ticket_t) <= sizeof(struct crosstalk_ck_ticket), "fits");
_Static_assert(sizeof(ck_spinlock_mcs_t) == sizeof(struct crosstalk_ck_mcs), "fits");
_Static_assert(sizeof(ck_spinlock_mcs_context_t) <= sizeof(struct crosstalk_ck_mcs_node), "fits");

static ck_spinlock_ticket_t* ticket(struct crosstalk_ck_ticket* lock) {
  return (ck_spinlock_ticket_t*)lock;
}
static ck_spinlock_mcs_t* mcs(struct crosstalk_ck_mcs* lock) {
  return (ck_spinlock_mcs_t*)lock;
}
static ck_spinlock_mcs_context_t* context(struct crosstalk_ck_mcs_node* node) {
  return (ck_spinlock_mcs_context_t*)node;
}

void crosstalk_ck_ticket_lock(struct crosstalk_ck_ticket* lock) {
  ck_spinlock_ticket_lock(ticket(lock));
}
bool crosstalk_ck_ticket_trylock(struct crosstalk_ck_ticket* lock) {
#ifdef CK_F_SPINLOCK_TICKET_TRYLOCK
  return ck_spinlock_ticket_trylock(ticket(lock));
#else
  (void)lock;
  return false; /* processors on which it has none */
#endif
}
void crosstalk_ck_ticket_unlock(struct crosstalk_ck_ticket* lock) {
  ck_spinlock_ticket_unlock(ticket(lock));
}

void crosstalk_ck_mcs_lock(struct crosstalk_ck_mcs* lock, struct crosstalk_ck_mcs_node* node) {
  ck_spinlock_mcs_lock(mcs(lock), context(node));
}
bool crosstalk_ck_mcs_trylock(struct crosstalk_ck_mcs* lock, struct crosstalk_ck_mcs_node* node) {
  return ck_spinlock_mcs_trylock(mcs(lock), context(node));
}
void crosstalk_ck_mcs_unlock(struct crosstalk_ck_mcs* lock, struct crosstalk_ck_mcs_node* node) {
  ck_spinlock_mcs_unlock(mcs(lock), context(node));
}

void crosstalk_ck_brlock_write_lock(struct ck_brlock* lock) {
  ck_brlock_write_lock(lock);
}
bool crosstalk_ck_brlock_write_trylock(struct ck_brlock* lock) {
  return ck_brlock_write_trylock(lock, 1);
}
void crosstalk_ck_brlock_write_unlock(struct ck_brlock* lock) {
  ck_brlock_write_unlock(lock);
}
void crosstalk_ck_brlock_register(struct ck_brlock* lock, struct ck_brlock_reader* reader) {
  ck_brlock_read_register(lock, reader);
}
