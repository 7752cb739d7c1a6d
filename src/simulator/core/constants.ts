// Numbers of the target kernel and the cost model of the simulated machine. Every constant says where it
// comes from. Read by the core and by the model of the default scheduler; nothing here changes in a run.

/** CONFIG_HZ of the target (Debian's 7.2 cloud kernel: the `config` beside the guest's modules). */
export const ticksPerSecond = 250;
export const tickNs = 1_000_000_000 / ticksPerSecond;

/**
 * What the clocks show when a scenario starts: a policy that takes 0 for "never" must meet an ordinary
 * uptime. A multiple of the tick. Observers and scenarios count from 0.
 */
export const uptimeAtStartNs = 100_000_000_000;

/** SCX_SLICE_DFL and SCX_SLICE_BYPASS (include/linux/sched/ext.h, kernel/sched/ext/internal.h). */
export const sliceDefaultNs = 20_000_000;
export const sliceBypassNs = 5_000_000;
/** SCX_DSP_DFL_MAX_BATCH, SCX_DSP_MAX_LOOPS, SCX_REENQ_LOCAL_MAX_REPEAT. */
export const dispatchBatchDefault = 32;
export const dispatchLoopsMax = 32;
export const reenqueueRepeatMax = 256;
/** SCX_WATCHDOG_MAX_TIMEOUT: 30 s. */
export const watchdogTimeoutMaxMs = 30_000;

/**
 * dl_server_init of the ext and fair servers (kernel/sched/deadline.c): tasks that a real-time hog starves
 * get 50 ms in every second, at the end of it (zero laxity).
 */
export const serverRuntimeNs = 50_000_000;
export const serverPeriodNs = 1_000_000_000;

// The cost model. Orders of magnitude of an x86-64 server, not measured on one machine; the same for
// every scheduler, so that ratios between two of them hold better than times.

/** Switching to another task: lmbench's lat_ctx with two small processes shows 1 to 2 µs. */
export const contextSwitchNs = 1_500;
/** From resched_curr on another CPU until that CPU is in schedule(): one interprocessor interrupt. */
export const reschedIpiNs = 1_000;
/** The same for an idle CPU, which has to leave a shallow idle state first (C1: 2 µs on intel_idle). */
export const idleExitNs = 2_000;
/** A task on another CPU than before finds cold caches: L1 and L2 within an LLC, the LLC, the memory. */
export const migrationSameLlcNs = 3_000;
export const migrationOtherLlcNs = 20_000;
export const migrationOtherNodeNs = 40_000;
/** What a step without a time of its own costs: a system call such as a futex wake. */
export const systemCallNs = 400;
/** fork and exec to the point where the child may run. */
export const forkNs = 30_000;
/** From telling the parent to the last schedule(). */
export const exitNs = 10_000;
/** From a policy's error until the kernel's helper thread, which has real-time priority, disables it. */
export const disableDelayNs = 50_000;
