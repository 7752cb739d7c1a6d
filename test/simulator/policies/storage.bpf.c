/* Task and cgroup storage, kptrs in them, ring buffer, timers, spin lock, tasks and cgroups as objects. */
struct task_state { u64 enqueued; struct task_struct __kptr *friend; struct bpf_cpumask __kptr *mask; };
TASK_STORAGE(tasks, struct task_state);
struct { __uint(type, BPF_MAP_TYPE_CGRP_STORAGE); __uint(map_flags, BPF_F_NO_PREALLOC); __type(key, int); __type(value, u64); } groups SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } ring SEC(".maps");
struct bell { struct bpf_timer timer; u64 rings; struct bpf_spin_lock lock; };
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 2); __type(key, u32); __type(value, struct bell); } bells SEC(".maps");
u64 rings;

static int on_bell(void *map, u32 *key, struct bell *bell)
{
	CHECK(*key == 1);
	bell->rings++;
	rings = bell->rings;
	bpf_timer_start(&bell->timer, 5 * NSEC_PER_MSEC, 0);
	return 0;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(trial_init)
{
	struct cgroup *cgroup = bpf_cgroup_from_id(1);
	struct bell *bell;
	u64 *count;
	u32 key = 1;

	bell = bpf_map_lookup_elem(&bells, &key);
	if (!bell)
		return -ENOENT;
	CHECK(bpf_timer_init(&bell->timer, &bells, CLOCK_MONOTONIC) == 0);
	CHECK(bpf_timer_init(&bell->timer, &bells, CLOCK_MONOTONIC) == -EBUSY);
	CHECK(bpf_timer_set_callback(&bell->timer, on_bell) == 0);
	CHECK(bpf_timer_start(&bell->timer, NSEC_PER_MSEC, 0) == 0);
	bpf_spin_lock(&bell->lock);
	bell->rings = 0;
	bpf_spin_unlock(&bell->lock);
	if (!cgroup)
		return -ENOENT;
	CHECK(cgroup->level == 0 && cgroup->kn->id == 1);
	count = bpf_cgrp_storage_get(&groups, cgroup, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	CHECK(count && *count == 0);
	bpf_cgroup_release(cgroup);
	return scx_bpf_create_dsq(QUEUE, -1);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(trial_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	struct task_state *t = task_storage_get(tasks, p);
	struct bpf_cpumask *mask = bpf_cpumask_create();
	struct cgroup *cgroup = args->cgroup;
	u64 *record;

	CHECK(!t);
	CHECK(cgroup && cgroup->kn->id == p->cgroups->dfl_cgrp->kn->id);
	t = task_storage_create(tasks, p);
	if (!t || !mask)
		return -ENOMEM;
	bpf_cpumask_copy(mask, p->cpus_ptr);
	mask = bpf_kptr_xchg(&t->mask, mask);
	CHECK(!mask);
	if (mask)
		bpf_cpumask_release(mask);
	record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);
	CHECK(record);
	if (record) {
		*record = p->pid;
		bpf_ringbuf_submit(record, 0);
	}
	CHECK(bpf_ringbuf_query(&ring, BPF_RB_RING_SIZE) == 4096);
	CHECK(!bpf_ringbuf_reserve(&ring, 1 << 20, 0));
	return 0;
}

void BPF_STRUCT_OPS(trial_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct task_state *t = task_storage_get(tasks, p);
	struct task_struct *self, *old;
	struct bpf_cpumask *mask;
	struct cgroup *cgroup;
	u64 *count;

	CHECK(t);
	if (t) {
		t->enqueued++;
		mask = t->mask;
		CHECK(mask && bpf_cpumask_equal(cast_mask(mask), p->cpus_ptr));
		self = bpf_task_from_pid(p->pid);
		CHECK(self && self == p);
		old = bpf_kptr_xchg(&t->friend, self);
		CHECK(t->enqueued == 1 ? !old : old && old->pid == p->pid);
		if (old)
			bpf_task_release(old);
	}
	cgroup = scx_bpf_task_cgroup(p);
	CHECK(bpf_task_under_cgroup(p, cgroup));
	count = bpf_cgrp_storage_get(&groups, cgroup, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (count)
		__sync_fetch_and_add(count, 1);
	bpf_cgroup_release(cgroup);
	checked++;
	scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(trial_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE);
}

FIFO(.init = (void *)trial_init, .init_task = (void *)trial_init_task, .enqueue = (void *)trial_enqueue,
     .dispatch = (void *)trial_dispatch);
