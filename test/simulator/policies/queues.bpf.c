/* Dispatch queues: vtime order, peeking, walking, moving from one to another, slices and kicks. */
#define OTHER 8

s32 BPF_STRUCT_OPS_SLEEPABLE(trial_init)
{
	CHECK(scx_bpf_create_dsq(QUEUE, -1) == 0);
	CHECK(scx_bpf_create_dsq(QUEUE, -1) == -EEXIST);
	CHECK(scx_bpf_create_dsq(OTHER, -1) == 0);
	CHECK(scx_bpf_create_dsq(9, -1) == 0);
	scx_bpf_destroy_dsq(9);
	CHECK(scx_bpf_dsq_nr_queued(9) == -ENOENT);
	CHECK(scx_bpf_dsq_nr_queued(QUEUE) == 0);
	return 0;
}

void BPF_STRUCT_OPS(trial_enqueue, struct task_struct *p, u64 enq_flags)
{
	s32 cpu;

	/* Later pids first. */
	scx_bpf_dsq_insert_vtime(p, QUEUE, 3 * NSEC_PER_MSEC, 1000000 - p->pid, enq_flags);
	cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);
	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

void BPF_STRUCT_OPS(trial_dispatch, s32 cpu, struct task_struct *prev)
{
	struct task_struct *p, *first = NULL;
	s32 before = scx_bpf_dsq_nr_queued(QUEUE), walked = 0, last = 1 << 30;
	bool moved = false;

	CHECK(scx_bpf_dispatch_nr_slots() > 0);
	bpf_for_each(scx_dsq, p, QUEUE, 0) {
		CHECK(p->pid < last);
		last = p->pid;
		CHECK(p->scx.dsq_vtime == 1000000 - p->pid);
		walked++;
		if (moved || !bpf_cpumask_test_cpu(cpu, p->cpus_ptr))
			continue;
		scx_bpf_dsq_move_set_slice(BPF_FOR_EACH_ITER, 2 * NSEC_PER_MSEC);
		moved = scx_bpf_dsq_move(BPF_FOR_EACH_ITER, p, OTHER, 0);
		CHECK(moved);
	}
	CHECK(walked == before);
	CHECK(scx_bpf_dsq_nr_queued(QUEUE) == before - moved);
	if (moved) {
		first = scx_bpf_dsq_peek(OTHER);
		CHECK(first && first->scx.slice == 2 * NSEC_PER_MSEC);
		CHECK(scx_bpf_dsq_move_to_local(OTHER));
		checked++;
	}
}

void BPF_STRUCT_OPS(trial_tick, struct task_struct *p)
{
	struct task_struct *current = scx_bpf_cpu_curr(scx_bpf_task_cpu(p));

	CHECK(current == p && scx_bpf_task_running(p));
}

void BPF_STRUCT_OPS(trial_stopping, struct task_struct *p, bool runnable)
{
	CHECK(p->se.sum_exec_runtime > 0);
	CHECK(p->scx.flags & SCX_TASK_QUEUED);
}

FIFO(.init = (void *)trial_init, .enqueue = (void *)trial_enqueue, .dispatch = (void *)trial_dispatch,
     .tick = (void *)trial_tick, .stopping = (void *)trial_stopping);
