/* Concurrency Kit's ck_fifo_mpmc, which does not compile as C++, behind plain C functions. */
#pragma once

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct crosstalk_ck_fifo;

/* A queue, and `entries` entries of its own besides its first; null: no memory. */
struct crosstalk_ck_fifo* crosstalk_ck_fifo_make(unsigned entries);
void crosstalk_ck_fifo_free(struct crosstalk_ck_fifo* fifo);
/* One of the entries, by its number; each is in one place at a time. */
void* crosstalk_ck_fifo_entry(struct crosstalk_ck_fifo* fifo, unsigned number);
/* The entry is the queue's until a dequeue hands it back, which may be of another value. */
void crosstalk_ck_fifo_enqueue(struct crosstalk_ck_fifo* fifo, void* entry, void* value);
/* False: it said that it is empty. Else `garbage` is an entry that may be used again. */
bool crosstalk_ck_fifo_dequeue(struct crosstalk_ck_fifo* fifo, void** value, void** garbage);

#ifdef __cplusplus
}
#endif
