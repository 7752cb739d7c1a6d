/* What the kernel's verifier would stop, by mode: shown as faults with the C line. */
const volatile u32 mode = 0;
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, u32); __type(value, u64); } small SEC(".maps");

void BPF_STRUCT_OPS(trial_enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 key = 0;
	u64 *value = bpf_map_lookup_elem(&small, &key);
	volatile u64 *far = value;
	u64 i, sum = 0;

	checked++;
	if (mode == 1 && value)
		far[1] = 1;
	if (mode == 2)
		((struct task_struct *)p)->pid = 1;
	if (mode == 3)
		*(volatile u64 *)NULL = 1;
	if (mode == 4)
		while (*(volatile u64 *)&checked)
			sum++;
	if (mode == 5)
		scx_bpf_task_cpu((void *)value);
	if (mode == 6)
		bpf_send_signal(9);
	if (mode == 7)
		scx_bpf_dsq_move_to_local(QUEUE);
	if (mode == 8)
		CHECK(*(volatile u64 *)NULL == 0);
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

FIFO(.enqueue = (void *)trial_enqueue);
