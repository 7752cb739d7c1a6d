/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Array accesses that the kernel's verifier can follow. Included through scx/common.bpf.h.
 */
#ifndef __SCX_BOUNDS_BPF_H
#define __SCX_BOUNDS_BPF_H

/*
 * `base + offset` as an address when offset ≤ last, else 0. The comparison and the addition are kept
 * in one piece, so that the compiler can't move the check to another copy of the register.
 */
static __always_inline u64 ___schedcp_bounded(u64 base, u64 offset, u64 last)
{
	u64 address = base;

	asm volatile("if %[offset] <= %[last] goto +2;"
		     "%[address] = 0;"
		     "goto +1;"
		     "%[address] += %[offset];"
		     : [address] "+r"(address)
		     : [offset] "r"(offset), [last] "i"(last));
	return address;
}

/* Pointer to `(base)member`, where member is e.g. `[i]` or `->array[i]`; NULL where out of range. */
#define MEMBER_VPTR(base, member) \
	((__typeof__((base)member) *)___schedcp_bounded((u64)&(base), \
		(u64)&((base)member) - (u64)&(base), sizeof(base) - sizeof((base)member)))

/* Pointer to element `index` of an array with `count` (a constant) elements; NULL where out of range. */
#define ARRAY_ELEM_PTR(array, index, count) \
	((__typeof__((array)[0]) *)___schedcp_bounded((u64)(array), (u64)(index) * sizeof((array)[0]), \
		((count) - 1) * sizeof((array)[0])))

/* A global array whose size a loader may change. Under this project's loader it keeps one element. */
#define RESIZABLE_ARRAY(section, array) array[1] SEC("." #section "." #array)

#endif /* __SCX_BOUNDS_BPF_H */
