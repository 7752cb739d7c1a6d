// Ejections while a scheduler was being enabled, or a task or a cgroup taken on.

import type { KnownExit } from "./known-exit.ts";

export const setupExits: readonly KnownExit[] = [
  {
    id: "error/init-no-memory",
    pattern: /ops\.(init|init_task|cgroup_init|sub_attach)\(\) failed \(-12\)(?: for (.{1,40}))?/,
    blame: "scheduler",
    summary: ([op, task]) =>
      `${op}() reported that there is no memory (-ENOMEM)${task === undefined || task === "" ? "" : ` for ${task}`}, so the scheduler was not enabled.`,
    remedy: [
      "Where the memory of the machine is not short: a map is too small for its tasks or cgroups (raise max_entries), or task storage is asked for without room. Return errors from init_task for failed allocations only: it runs in every fork.",
    ],
  },
  {
    id: "error/init-failed",
    pattern:
      /ops\.(init|init_task|cgroup_init|sub_attach)\(\) failed \((-\d{1,4})\)(?: for (.{1,40}))?/,
    blame: "scheduler",
    summary: ([op, errno, task]) =>
      `${op}() reported the error ${errno}${task === undefined || task === "" ? "" : ` for ${task}`}, so the scheduler was not enabled.`,
    remedy: [
      "Find the call in that op whose error it hands on (scx_bpf_create_dsq: an id twice, -17, or one of the kernel's, -22).",
      "`schedcp verify` loads the policy in a guest and names the cause.",
    ],
  },
  {
    id: "error/invalid-errno",
    pattern: /ops\.(\w{1,32})\(\) returned an invalid errno (-?\d{1,12})/,
    blame: "scheduler",
    summary: ([op, value]) => `${op}() returned ${value}, which is neither 0 nor an error number.`,
    remedy: ["Return 0, or a negative errno such as -ENOMEM."],
  },
  {
    id: "error/contradicting-flags",
    pattern: /(SCX_OPS_\w{1,48}) requires (.{1,100})/,
    blame: "scheduler",
    summary: ([flag, wants]) => `The flag ${flag} requires ${wants}.`,
    remedy: ["Leave the flag out of .flags, or define what it requires."],
  },
  {
    id: "error/disallow-in-fork",
    pattern: /ops\.init_task\(\) set task->scx\.disallow for (.{1,40}) during fork/,
    blame: "scheduler",
    summary: ([task]) =>
      `init_task() refused ${task} in a fork: p->scx.disallow is only for tasks that were there before.`,
    remedy: ["Set p->scx.disallow only where args->fork is false."],
  },
  {
    id: "exit/hotplug-before-start",
    pattern: /expected hotplug seq (\d{1,20}) did not match actual (\d{1,20})/,
    blame: "kernel",
    summary: () => "A CPU came or went between the loading of the scheduler and its start.",
    remedy: ["Load it again. It is no failure: exit code bit 48 asks for that."],
  },
  {
    id: "error/name-taken",
    pattern: /EEXIST|cannot create duplicate filename|kobject_add_internal failed for/,
    blame: "scheduler",
    summary: () =>
      "Another scheduler (or what is left of it) has that name, or a queue's id was used twice.",
    remedy: [
      "Wait until the old one has left (/sys/kernel/sched_ext/state is disabled), and give every queue an id of its own.",
    ],
  },
  {
    id: "error/isolated-cpus",
    pattern: /Not compatible with "isolcpus/,
    blame: "administrator",
    summary: () => "The machine was booted with isolcpus=, with which sched_ext can't be enabled.",
    remedy: [
      "Boot without isolcpus=, and use exclusive cpuset partitions (cpuset.cpus.partition) instead.",
    ],
  },
];
