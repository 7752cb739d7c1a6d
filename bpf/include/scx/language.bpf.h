/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * C conveniences and kernel macros that BTF, and so vmlinux.h, can't carry.
 * Included through scx/common.bpf.h.
 */
#ifndef __SCX_LANGUAGE_BPF_H
#define __SCX_LANGUAGE_BPF_H

#ifndef NULL
#define NULL ((void *)0)
#endif

#ifndef likely
#define likely(x) __builtin_expect(!!(x), 1)
#endif
#ifndef unlikely
#define unlikely(x) __builtin_expect(!!(x), 0)
#endif
#ifndef __maybe_unused
#define __maybe_unused __attribute__((unused))
#endif
#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#endif
#ifndef offsetof
#define offsetof(type, member) __builtin_offsetof(type, member)
#endif

/* Each argument is evaluated once; both must be of comparable types. */
#ifndef min
#define min(a, b) ({ __typeof__(a) ___a = (a); __typeof__(b) ___b = (b); ___a < ___b ? ___a : ___b; })
#endif
#ifndef max
#define max(a, b) ({ __typeof__(a) ___a = (a); __typeof__(b) ___b = (b); ___a > ___b ? ___a : ___b; })
#endif
#ifndef clamp
#define clamp(value, low, high) min(max(value, low), high)
#endif
#ifndef MIN
#define MIN(a, b) min(a, b)
#endif
#ifndef MAX
#define MAX(a, b) max(a, b)
#endif

#ifndef READ_ONCE
#define READ_ONCE(x) (*(volatile __typeof__(x) *)&(x))
#endif
#ifndef WRITE_ONCE
#define WRITE_ONCE(x, value) ((void)(*(volatile __typeof__(x) *)&(x) = (value)))
#endif

/* Makes the compiler believe that an expression is used. */
#ifndef __sink
#define __sink(expr) asm volatile("" : "+g"(expr))
#endif

/* Bits of task_struct.flags (include/linux/sched.h): macros in the kernel, so not in BTF. */
#define PF_IDLE 0x00000002
#define PF_EXITING 0x00000004
#define PF_IO_WORKER 0x00000010
#define PF_WQ_WORKER 0x00000020
#define PF_KSWAPD 0x00020000
#define PF_KTHREAD 0x00200000

#ifndef CLOCK_MONOTONIC
#define CLOCK_MONOTONIC 1
#endif

#define ENOENT 2
#define ESRCH 3
#define EINTR 4
#define EAGAIN 11
#define ENOMEM 12
#define EPERM 1
#define EBUSY 16
#define EEXIST 17
#define EINVAL 22
#define ENOSPC 28
#define ERANGE 34

/* Position of the highest bit set, counted from 1; 0 for 0. */
static __always_inline u32 log2_u32(u32 value)
{
	u32 position = 0;

	if (value >> 16) { position += 16; value >>= 16; }
	if (value >> 8) { position += 8; value >>= 8; }
	if (value >> 4) { position += 4; value >>= 4; }
	if (value >> 2) { position += 2; value >>= 2; }
	if (value >> 1) { position += 1; value >>= 1; }
	return position + value;
}

static __always_inline u32 log2_u64(u64 value)
{
	u32 high = value >> 32;

	return high ? log2_u32(high) + 32 : log2_u32((u32)value);
}

#endif /* __SCX_LANGUAGE_BPF_H */
