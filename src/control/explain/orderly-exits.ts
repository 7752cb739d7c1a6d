// Exits that somebody asked for: the scheduler's program, an administrator, the policy itself, its parent.

import type { KnownExit } from "./known-exit.ts";

export const orderlyExits: readonly KnownExit[] = [
  {
    id: "error/own-error",
    pattern: /^scx_bpf_error\n?(.{0,400})/,
    blame: "scheduler",
    summary: ([words]) =>
      `The policy ended itself with scx_bpf_error${words === undefined || words === "" ? "" : `, with these words: “${words}”`}.`,
    remedy: [
      "Find the scx_bpf_error with these words in the policy: it marks a state that its author thought impossible.",
      "An error for what can happen (a lookup that fails, a full map) should be handled: insert the task into a fallback queue instead of giving up.",
    ],
    reproduction: "mix",
  },
  {
    id: "exit/unregistered",
    pattern: /^unregistered from user space/,
    blame: "administrator",
    summary: () =>
      "The program that had loaded the scheduler ended, or was told to take it away. It is no failure of the scheduler.",
    remedy: [
      "Nothing, where that was meant. Else look why that program ended: its own log, `journalctl`, or the out-of-memory killer.",
    ],
  },
  {
    id: "exit/by-itself",
    pattern: /^unregistered from BPF\n?(.{0,400})/,
    blame: "scheduler",
    summary: ([words]) =>
      `The policy left by itself, in order (scx_bpf_exit)${words === undefined || words === "" ? "" : `, with these words: “${words}”`}.`,
    remedy: ["Nothing, where that is what it is meant to do; else find its scx_bpf_exit()."],
  },
  {
    id: "exit/by-kernel",
    pattern: /^unregistered from the main kernel/,
    blame: "kernel",
    summary: () =>
      "The kernel let the scheduler go because the set of CPUs changed (hotplug, suspend), and the scheduler does not follow such changes. It is no failure.",
    remedy: ["Start it again, or add cpu_online() and cpu_offline() that follow such changes."],
    reproduction: "hotplug",
  },
  {
    id: "exit/sysrq",
    pattern: /^disabled by sysrq-S/,
    blame: "administrator",
    summary: () =>
      "Somebody pressed SysRq-S (or wrote S to /proc/sysrq-trigger), which takes any sched_ext scheduler away.",
    remedy: ["Nothing; ask who did it, and why: the machine may have felt stuck."],
  },
  {
    id: "exit/parent",
    pattern: /^(?:parent exiting|killed by parent scheduler)/,
    blame: "scheduler",
    summary: () => "The scheduler of the cgroup above left, or took this one away.",
    remedy: ["Explain that one's exit: give the part of the log that names it."],
  },
];
