/* SPDX-License-Identifier: Apache-2.0 */
/* What a loaded policy holds in memory, read for whoever asks: it is the policy's word, not the node's. */
#ifndef SCHEDCP_POLICY_MEMORY_H
#define SCHEDCP_POLICY_MEMORY_H

#include <bpf/libbpf.h>
#include <stddef.h>

/* Bytes of one answer: as base64 and with its frame it fits the node protocol's longest line. */
#define MEMORY_BYTES_MAX (1024 * 1024)

/*
 * Answers `{"event":"map","name":…,"data":BASE64}` with all values of the array map, or the global
 * variable, of that name; where the object has none, or it is larger than `bytes_max`, with an error
 * of stage `read` that ends nothing. Not a snapshot: a live policy may write meanwhile.
 */
void answer_map(struct bpf_object *object, const char *name, size_t bytes_max);

#endif
