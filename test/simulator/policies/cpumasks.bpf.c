/* CPU masks, idle masks, per-CPU kernel variables, run queues, current tasks. */
extern const int sd_llc_id __ksym __weak;
extern const struct rq runqueues __ksym __weak;

static void masks(void)
{
	struct bpf_cpumask *a = bpf_cpumask_create(), *b = bpf_cpumask_create();
	u32 cpus = scx_bpf_nr_cpu_ids();

	CHECK(a && b);
	if (a && b) {
		CHECK(bpf_cpumask_empty(cast_mask(a)) && bpf_cpumask_first(cast_mask(a)) == cpus);
		bpf_cpumask_setall(b);
		CHECK(bpf_cpumask_full(cast_mask(b)) && bpf_cpumask_weight(cast_mask(b)) == cpus);
		CHECK(!bpf_cpumask_test_and_set_cpu(2, a) && bpf_cpumask_test_and_set_cpu(2, a));
		CHECK(bpf_cpumask_first(cast_mask(a)) == 2 && bpf_cpumask_first_zero(cast_mask(a)) == 0);
		CHECK(bpf_cpumask_subset(cast_mask(a), cast_mask(b)));
		CHECK(!bpf_cpumask_subset(cast_mask(b), cast_mask(a)));
		CHECK(bpf_cpumask_any_and_distribute(cast_mask(a), cast_mask(b)) == 2);
		CHECK(bpf_cpumask_any_distribute(cast_mask(b)) != bpf_cpumask_any_distribute(cast_mask(b)));
		bpf_cpumask_xor(b, cast_mask(a), cast_mask(b));
		CHECK(!bpf_cpumask_intersects(cast_mask(a), cast_mask(b)));
		CHECK(!bpf_cpumask_and(a, cast_mask(a), cast_mask(b)));
		bpf_cpumask_clear_cpu(0, b);
		CHECK(bpf_cpumask_weight(cast_mask(b)) == cpus - 2);
		bpf_cpumask_clear(b);
		CHECK(bpf_cpumask_equal(cast_mask(a), cast_mask(b)));
	}
	if (a)
		bpf_cpumask_release(a);
	if (b)
		bpf_cpumask_release(b);
}

static void kernel_variables(void)
{
	const int *first = bpf_per_cpu_ptr(&sd_llc_id, 0), *last = bpf_per_cpu_ptr(&sd_llc_id, 3);
	const struct rq *rq = bpf_per_cpu_ptr(&runqueues, 1);

	CHECK(first && last && *first == 0 && *last == 1);
	CHECK(!bpf_per_cpu_ptr(&sd_llc_id, 4));
	CHECK(rq && rq->cpu == 1);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(trial_init)
{
	const struct cpumask *online = scx_bpf_get_online_cpumask();

	CHECK(bpf_cpumask_weight(online) == 4);
	scx_bpf_put_cpumask(online);
	masks();
	kernel_variables();
	return scx_bpf_create_dsq(QUEUE, -1);
}

s32 BPF_STRUCT_OPS(trial_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	const struct cpumask *idle = scx_bpf_get_idle_cpumask();
	s32 cpu = bpf_cpumask_first(idle);

	if (cpu < 4) {
		CHECK(scx_bpf_test_and_clear_cpu_idle(cpu));
		CHECK(!bpf_cpumask_test_cpu(cpu, idle));
	}
	scx_bpf_put_cpumask(idle);
	cpu = scx_bpf_select_cpu_and(p, prev_cpu, wake_flags, p->cpus_ptr, 0);
	CHECK(cpu < 0 || bpf_cpumask_test_cpu(cpu, p->cpus_ptr));
	return cpu >= 0 ? cpu : prev_cpu;
}

void BPF_STRUCT_OPS(trial_enqueue, struct task_struct *p, u64 enq_flags)
{
	s32 cpu;

	scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags);
	bpf_for(cpu, 0, 4)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

void BPF_STRUCT_OPS(trial_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE);
}

void BPF_STRUCT_OPS(trial_running, struct task_struct *p)
{
	s32 cpu = scx_bpf_task_cpu(p);
	const struct rq *rq = scx_bpf_locked_rq();

	CHECK(cpu == bpf_get_smp_processor_id() && p->thread_info.cpu == cpu);
	CHECK(rq && rq->cpu == cpu);
	CHECK(bpf_cpumask_test_cpu(cpu, p->cpus_ptr) && bpf_cpumask_weight(p->cpus_ptr) == p->nr_cpus_allowed);
	checked++;
}

FIFO(.init = (void *)trial_init, .select_cpu = (void *)trial_select_cpu, .enqueue = (void *)trial_enqueue,
     .dispatch = (void *)trial_dispatch, .running = (void *)trial_running);
