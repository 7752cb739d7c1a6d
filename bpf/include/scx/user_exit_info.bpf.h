/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Where a policy's exit op leaves the kernel's reason, for whoever reads the object's data afterwards.
 * A convenience for debugging: this project takes the cause of an exit from the kernel's log, because
 * what lies here is the policy's own memory. Included through scx/common.bpf.h.
 */
#ifndef __USER_EXIT_INFO_BPF_H
#define __USER_EXIT_INFO_BPF_H

#define UEI_REASON_LEN 128
#define UEI_MSG_LEN 1024

struct user_exit_info {
	s32 kind; /* enum scx_exit_kind; not 0 once the scheduler has left */
	s64 exit_code;
	char reason[UEI_REASON_LEN];
	char msg[UEI_MSG_LEN];
};

#define UEI_DEFINE(uei) struct user_exit_info uei SEC(".data")

/* In the exit op: UEI_RECORD(uei, ei); the kind is written last. */
#define UEI_RECORD(uei, ei) \
	({ \
		bpf_probe_read_kernel_str((uei).reason, sizeof((uei).reason), (ei)->reason); \
		bpf_probe_read_kernel_str((uei).msg, sizeof((uei).msg), (ei)->msg); \
		if (bpf_core_field_exists((ei)->exit_code)) \
			(uei).exit_code = (ei)->exit_code; \
		WRITE_ONCE((uei).kind, (s32)(ei)->kind); \
	})

#endif /* __USER_EXIT_INFO_BPF_H */
