/* Before each policy here: a FIFO that works, into which a policy puts checks of one group of features. */
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";
UEI_DEFINE(uei);

/* A check that fails ends the policy; the test shows the words. */
#define CHECK(condition)                                              \
	do {                                                          \
		if (!(condition))                                     \
			scx_bpf_error("line %d: %s", __LINE__, #condition); \
	} while (0)

#define QUEUE 7
#define EFAULT 14
#define E2BIG 7
#define NUMA_NO_NODE (-1)

/* How often the checks of a policy ran; the test wants at least one. */
u64 checked;

#define FIFO(extra...)                                                                            \
	void BPF_STRUCT_OPS(trial_exit, struct scx_exit_info *ei)                                 \
	{                                                                                         \
		UEI_RECORD(uei, ei);                                                              \
	}                                                                                         \
	SCX_OPS_DEFINE(trial_ops, .exit = (void *)trial_exit, .name = "trial", extra)

