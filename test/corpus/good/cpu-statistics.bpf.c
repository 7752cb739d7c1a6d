// expect: pass
// Figures for each CPU in a per-CPU array; how many tasks run bounds the slice.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct figures {
	u64 starts;
	u64 ran_ns;
	u64 since;
	u64 longest_ns;
	bool busy;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct figures);
} figures SEC(".maps");

static s64 nr_running;
u64 many;

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(figures_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(figures_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 slice = SCX_SLICE_DFL;

	if (nr_running > 200) {
		slice = SCX_SLICE_DFL / 2;
		many++;
	}
	scx_bpf_dsq_insert(p, 0, slice, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(figures_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

void BPF_STRUCT_OPS(figures_running, struct task_struct *p)
{
	u32 key = 0;
	struct figures *own = bpf_map_lookup_elem(&figures, &key);

	__sync_fetch_and_add(&nr_running, 1);
	if (!own)
		return;
	own->starts++;
	own->since = scx_bpf_now();
	own->busy = true;
}

void BPF_STRUCT_OPS(figures_stopping, struct task_struct *p, bool runnable)
{
	u32 key = 0;
	struct figures *own = bpf_map_lookup_elem(&figures, &key);
	u64 ran;

	__sync_fetch_and_sub(&nr_running, 1);
	if (!own || !own->busy)
		return;
	ran = scx_bpf_now() - own->since;
	own->ran_ns += ran;
	if (ran > own->longest_ns)
		own->longest_ns = ran;
	own->busy = false;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(figures_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(figures_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(figures_ops,
	       .select_cpu = (void *)figures_select_cpu,
	       .enqueue = (void *)figures_enqueue,
	       .dispatch = (void *)figures_dispatch,
	       .running = (void *)figures_running,
	       .stopping = (void *)figures_stopping,
	       .init = (void *)figures_init,
	       .exit = (void *)figures_exit,
	       .timeout_ms = 30000,
	       .name = "figures");
