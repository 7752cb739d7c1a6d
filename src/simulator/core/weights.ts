// Nice values and weights as the kernel has them. Pure.

/** sched_prio_to_weight (kernel/sched/core.c): each nice level is 1.25 times the next. */
const prioToWeight: readonly number[] = [
  88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916, 9548, 7620, 6100, 4904,
  3906, 3121, 2501, 1991, 1586, 1277, 1024, 820, 655, 526, 423, 335, 272, 215, 172, 137, 110, 87,
  70, 56, 45, 36, 29, 23, 18, 15,
];
/** WEIGHT_IDLEPRIO. */
const idleWeight = 3;

/** SCHED_* of include/uapi/linux/sched.h. */
export const schedPolicy = { normal: 0, batch: 3, idle: 5, ext: 7 } as const;

/** p->se.load.weight before scaling (set_load_weight). */
export function loadWeight(nice: number, policy: number): number {
  if (policy === schedPolicy.idle) return idleWeight;
  const clamped = Math.min(19, Math.max(-20, nice));
  return prioToWeight[clamped + 20] as number;
}

/** sched_weight_to_cgroup: 1024 is 100, 1 to 10,000. */
export function weightToCgroup(weight: number): number {
  return Math.min(10_000, Math.max(1, Math.floor((weight * 100 + 512) / 1024)));
}

/** sched_weight_from_cgroup: cpu.weight of a group as a load weight. */
export function weightFromCgroup(weight: number): number {
  return Math.floor((weight * 1024 + 50) / 100);
}
