#include "harness/explore/peers/ck_fifo.h"

#include <ck_fifo.h>

_Static_assert(sizeof(ck_fifo_mpmc_t) <= sizeof(struct crosstalk_ck_fifo), "fits");
_Static_assert(sizeof(ck_fifo_mpmc_entry_t) <= sizeof(struct crosstalk_ck_fifo_node), "fits");

static ck_fifo_mpmc_t* queue(struct crosstalk_ck_fifo* fifo) {
  return (ck_fifo_mpmc_t*)fifo;
}

void crosstalk_ck_fifo_init(struct crosstalk_ck_fifo* fifo, struct crosstalk_ck_fifo_node* stub) {
  ck_fifo_mpmc_init(queue(fifo), (ck_fifo_mpmc_entry_t*)stub);
}
void crosstalk_ck_fifo_enqueue(struct crosstalk_ck_fifo* fifo, struct crosstalk_ck_fifo_node* node,
                               void* value) {
  ck_fifo_mpmc_enqueue(queue(fifo), (ck_fifo_mpmc_entry_t*)node, value);
}
bool crosstalk_ck_fifo_dequeue(struct crosstalk_ck_fifo* fifo, void** value,
                               struct crosstalk_ck_fifo_node** node) {
  return ck_fifo_mpmc_dequeue(queue(fifo), value, (ck_fifo_mpmc_entry_t**)node);
}
