#include "pool/containers/peers/ck_fifo_shim.h"

#include <stdlib.h>

#include <ck_fifo.h>

struct crosstalk_ck_fifo {
  ck_fifo_mpmc_t fifo;
  ck_fifo_mpmc_entry_t entries[];
};

struct crosstalk_ck_fifo* crosstalk_ck_fifo_make(unsigned entries) {
  /* One more: the queue starts with an entry that holds nothing. */
  const size_t bytes = sizeof(struct crosstalk_ck_fifo) + (entries + 1) * sizeof(ck_fifo_mpmc_entry_t);
  const size_t line = 64;
  struct crosstalk_ck_fifo* made = aligned_alloc(line, (bytes + line - 1) / line * line);
  if (made != NULL) ck_fifo_mpmc_init(&made->fifo, &made->entries[entries]);
  return made;
}

void crosstalk_ck_fifo_free(struct crosstalk_ck_fifo* fifo) {
  free(fifo);
}

void* crosstalk_ck_fifo_entry(struct crosstalk_ck_fifo* fifo, unsigned number) {
  return &fifo->entries[number];
}

void crosstalk_ck_fifo_enqueue(struct crosstalk_ck_fifo* fifo, void* entry, void* value) {
  ck_fifo_mpmc_enqueue(&fifo->fifo, entry, value);
}

bool crosstalk_ck_fifo_dequeue(struct crosstalk_ck_fifo* fifo, void** value, void** garbage) {
  struct ck_fifo_mpmc_entry* old = NULL;
  if (!ck_fifo_mpmc_dequeue(&fifo->fifo, value, &old)) return false;
  *garbage = old;
  return true;
}
