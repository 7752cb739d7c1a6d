/* SPDX-License-Identifier: Apache-2.0 */
/* Opening and loading a BPF object from memory, with what libbpf and the kernel verifier say kept. */
#ifndef SCHEDCP_BPF_OBJECT_H
#define SCHEDCP_BPF_OBJECT_H

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <stddef.h>

/* Open is told the type of its programs by their section names alone; nothing is attached. */
struct bpf_object *open_object(const void *bytes, size_t size);

/* Loads it all. Negative errno on failure; then the kernel verifier's log is kept. */
int load_object(struct bpf_object *object);

/*
 * Answers with an error that adds libbpf's own warnings to the message (since the last call) and
 * the end of the verifier's log; ends the program with exit code 1.
 */
_Noreturn void object_fault(const char *stage, int error, const char *message);

/* The type behind const, volatile and typedefs. */
const struct btf_type *plain_type(const struct btf *btf, __u32 id);

#endif
