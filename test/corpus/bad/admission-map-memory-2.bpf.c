// expect: reject admission admission/map-memory
// Remembers the last two thousand wake-ups of every task, in every task.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";
UEI_DEFINE(uei);

struct wake_history {
	u64 next;
	u64 wakes[2048];
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct wake_history);
} histories SEC(".maps");

s32 BPF_STRUCT_OPS(rememberer_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	return bpf_task_storage_get(&histories, p, 0, BPF_LOCAL_STORAGE_GET_F_CREATE) ? 0 : -ENOMEM;
}

void BPF_STRUCT_OPS(rememberer_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct wake_history *history = bpf_task_storage_get(&histories, p, 0, 0);

	if (history && (enq_flags & SCX_ENQ_WAKEUP))
		history->wakes[history->next++ & 2047] = scx_bpf_now();
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(rememberer_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(rememberer_ops,
	       .init_task = (void *)rememberer_init_task,
	       .enqueue = (void *)rememberer_enqueue,
	       .exit = (void *)rememberer_exit,
	       .name = "rememberer");
