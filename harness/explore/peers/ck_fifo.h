/* Concurrency Kit's queue of many producers and consumers behind plain C functions, compiled without the hooks: its plain accesses to
 * nodes that are used again are not judged, the operations of ck_atomics.h are. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* All zero before init(). A node is lent to the queue by enqueue(), and another comes back from dequeue(). */
struct crosstalk_ck_fifo {
  __attribute__((aligned(64))) uint64_t words[32];
};
struct crosstalk_ck_fifo_node {
  __attribute__((aligned(16))) uint64_t words[4];
};
void crosstalk_ck_fifo_init(struct crosstalk_ck_fifo* fifo, struct crosstalk_ck_fifo_node* stub);
void crosstalk_ck_fifo_enqueue(struct crosstalk_ck_fifo* fifo, struct crosstalk_ck_fifo_node* node,
                               void* value);
/* False: the queue says that it is empty. */
bool crosstalk_ck_fifo_dequeue(struct crosstalk_ck_fifo* fifo, void** value,
                               struct crosstalk_ck_fifo_node** node);

#ifdef __cplusplus
}
#endif
