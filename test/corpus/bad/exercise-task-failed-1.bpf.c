// expect: reject exercise exercise/task-failed
// Every task takes a slot of a table when it starts, and none gives it back when it ends: after a
// hundred forks init_task finds no slot, and no process can be started any more.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

#define QUEUE 0
#define SLOTS 192

UEI_DEFINE(uei);

struct place {
	u64 runs;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SLOTS);
	__type(key, u32);
	__type(value, struct place);
} slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, u32);
} slot_of SEC(".maps");

static u32 slots_taken;

s32 BPF_STRUCT_OPS(slotleak_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(slotleak_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(slotleak_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE, 0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(slotleak_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

void BPF_STRUCT_OPS(slotleak_running, struct task_struct *p)
{
	u32 *number = bpf_task_storage_get(&slot_of, p, NULL, 0);
	struct place *place;

	if (!number)
		return;
	place = bpf_map_lookup_elem(&slots, number);
	if (place)
		__sync_fetch_and_add(&place->runs, 1);
}

s32 BPF_STRUCT_OPS(slotleak_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	u32 *number = bpf_task_storage_get(&slot_of, p, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (!number)
		return -ENOMEM;
	*number = __sync_fetch_and_add(&slots_taken, 1);
	return *number < SLOTS ? 0 : -ENOMEM;
}

void BPF_STRUCT_OPS(slotleak_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(slotleak_ops,
	       .select_cpu = (void *)slotleak_select_cpu,
	       .enqueue = (void *)slotleak_enqueue,
	       .dispatch = (void *)slotleak_dispatch,
	       .running = (void *)slotleak_running,
	       .init_task = (void *)slotleak_init_task,
	       .init = (void *)slotleak_init,
	       .exit = (void *)slotleak_exit,
	       .timeout_ms = 30000,
	       .name = "slotleak");
