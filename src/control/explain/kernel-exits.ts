// Ejections that the kernel ordered because the machine as a whole had stopped moving, and because of CPUs.

import type { KnownExit } from "./known-exit.ts";

const lockupRemedy = [
  "Bound every loop of the policy: hundreds of rounds in a callback, not thousands; no bpf_loop over all tasks in enqueue or dispatch.",
  "Do not let every CPU drain one queue in which most tasks are pinned elsewhere: each CPU walks all of it, under one lock.",
];

export const kernelExits: readonly KnownExit[] = [
  {
    id: "lockup/soft",
    pattern: /soft lockup - CPU ?#?(\d{1,6}) stuck for (\d{1,9})s/i,
    blame: "scheduler",
    summary: ([cpu, seconds]) =>
      `CPU ${cpu} did nothing else for ${seconds} s (soft lockup). The kernel ejects the scheduler then in the hope that it was the cause; it may also have been a driver.`,
    remedy: lockupRemedy,
  },
  {
    id: "lockup/hard",
    pattern: /hard lockup - CPU ?(\d{1,6})/i,
    blame: "scheduler",
    summary: ([cpu]) =>
      `CPU ${cpu} did not even take interrupts (hard lockup). The kernel ejects the scheduler then: a callback that runs too long under a run queue's lock can do this, and so can a driver or the firmware.`,
    remedy: lockupRemedy,
  },
  {
    id: "lockup/rcu",
    pattern: /RCU CPU stall detected/,
    blame: "unknown",
    summary: () =>
      "A CPU did not pass through a quiescent state for a long time (RCU stall). The kernel ejects the scheduler as a precaution: the policy may have starved the kernel's RCU threads or kept a CPU in a callback, but a driver or a real-time task can do this too.",
    remedy: [
      "Read the kernel's lines `rcu: INFO: …` before the exit: they name the CPU and what it was doing.",
      "Never let kernel threads wait for long: `if (p->flags & PF_KTHREAD)` put them first.",
      ...lockupRemedy,
    ],
    reproduction: "mix",
  },
  {
    id: "exit/hotplug",
    pattern: /cpu (\d{1,6}) going (online|offline), exiting scheduler/,
    blame: "kernel",
    summary: ([cpu, way]) =>
      `CPU ${cpu} went ${way}, and the scheduler has no cpu_online() and cpu_offline(): the kernel then lets it go, so that it can be started again for the new set of CPUs. It is no failure.`,
    remedy: [
      "Start it again, or add cpu_online() and cpu_offline() that follow such changes.",
      "Suspend takes CPUs offline too.",
    ],
    reproduction: "hotplug",
  },
  {
    id: "error/rescue-overload",
    pattern: /rescue bandwidth overload/,
    blame: "scheduler",
    summary: () =>
      "The kernel had to run so many tasks itself, past the policy, that it gave the policy up.",
    remedy: ["Dispatch every runnable task in bounded time; see `schedcp simulate POLICY`."],
    reproduction: "mix",
  },
];
