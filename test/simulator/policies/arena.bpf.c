/* An arena with pages of the policy's own; iterators over tasks and cgroups. */
#define __arena __attribute__((address_space(1)))
struct {
	__uint(type, BPF_MAP_TYPE_ARENA);
	__uint(map_flags, 1 << 10); /* BPF_F_MMAPABLE */
	__uint(max_entries, 16);
} arena SEC(".maps");
struct cell { u64 value; struct cell __arena *next; };

s32 BPF_STRUCT_OPS_SLEEPABLE(trial_init)
{
	struct cell __arena *page = (struct cell __arena *)bpf_arena_alloc_pages(&arena, NULL, 2, NUMA_NO_NODE, 0);
	struct cell __arena *other;
	int i;

	CHECK(page);
	if (!page)
		return -ENOMEM;
	bpf_for(i, 0, 4) {
		page[i].value = i;
		page[i].next = &page[i + 1];
	}
	CHECK(page->next->next->value == 2);
	other = (struct cell __arena *)bpf_arena_alloc_pages(&arena, NULL, 1, NUMA_NO_NODE, 0);
	CHECK(other && other != page);
	CHECK(!bpf_arena_alloc_pages(&arena, NULL, 17, NUMA_NO_NODE, 0));
	bpf_arena_free_pages(&arena, (void *)page, 2);
	checked++;
	return 0;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(trial_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	struct cgroup_subsys_state *css;
	struct task_struct *each;
	int tasks = 0, groups = 0;
	bool seen = false;

	bpf_rcu_read_lock();
	bpf_for_each(task, each, NULL, BPF_TASK_ITER_ALL_THREADS) {
		tasks++;
		seen |= each == p;
	}
	bpf_for_each(css, css, &args->cgroup->self, BPF_CGROUP_ITER_ANCESTORS_UP)
		groups++;
	bpf_rcu_read_unlock();
	CHECK(seen && tasks > 0);
	CHECK(groups == args->cgroup->level + 1);
	return 0;
}

FIFO(.init = (void *)trial_init, .init_task = (void *)trial_init_task);
