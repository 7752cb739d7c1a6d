/* Names, formats, strings, memory reads, clocks, dynptrs; what a task_struct shows. */
const volatile u32 wanted_nice = 10;
u64 niced;

static void texts(void)
{
	char text[32] = {}, small[4];
	u64 values[3];
	static const char fmt[] = "%u|%5d|%s";
	static const char end[] = "end";
	static const char name[] = "kworker/0:1";
	struct bpf_dynptr pointer;
	u64 word = 0x1122334455667788ULL, out = 0;

	/* Not as an initialiser: libbpf relocates no pointers in data. */
	values[0] = 42;
	values[1] = -7;
	values[2] = (unsigned long)end;
	CHECK(bpf_snprintf(text, sizeof(text), fmt, values, sizeof(values)) == 13);
	CHECK(bpf_strncmp(text, 12, "42|   -7|end") == 0);
	CHECK(bpf_snprintf(small, sizeof(small), fmt, values, sizeof(values)) == 13);
	CHECK(small[2] == '|' && small[3] == 0);
	CHECK(bpf_strncmp(name, 7, "kworker") == 0 && bpf_strncmp(name, 7, "kworkes") < 0);
	CHECK(bpf_probe_read_kernel(&out, sizeof(out), &word) == 0 && out == word);
	CHECK(bpf_probe_read_kernel(&out, sizeof(out), NULL) == -EFAULT && out == 0);
	CHECK(bpf_probe_read_kernel_str(small, sizeof(small), name) == 4 && small[3] == 0);
	CHECK(bpf_ktime_get_ns() == scx_bpf_now() && bpf_ktime_get_ns() > NSEC_PER_SEC);
	CHECK(bpf_jiffies64() == bpf_ktime_get_ns() / (4 * NSEC_PER_MSEC));
	bpf_printk("checked %d texts", 9);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(trial_init)
{
	texts();
	return 0;
}

void BPF_STRUCT_OPS(trial_enqueue, struct task_struct *p, u64 enq_flags)
{
	char comm[16] = {};

	__builtin_memcpy(comm, p->comm, sizeof(comm));
	CHECK(comm[0] && comm[15] == 0);
	CHECK(p->tgid == p->pid && p->group_leader == p);
	CHECK(!!p->mm == !(p->flags & PF_KTHREAD));
	CHECK(p->static_prio >= 100 && p->static_prio < 140 && p->prio == p->static_prio);
	CHECK(p->sched_task_group && p->sched_task_group->css.cgroup == p->cgroups->dfl_cgrp);
	if (p->static_prio == 120 + wanted_nice) {
		CHECK(p->scx.weight < 100 && bpf_strncmp(comm, 5, "niced") == 0);
		niced++;
	} else {
		CHECK(p->scx.weight == 100);
	}
	checked++;
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

FIFO(.init = (void *)trial_init, .enqueue = (void *)trial_enqueue);
