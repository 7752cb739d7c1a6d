// Every command of the command line: name, arguments, options. Static, so that help and usage errors
// need no other import; the code of a command is imported when it runs. A new command goes here and
// into commands/.

import type { CommandSpec, OptionSpec } from "./command.ts";

const set: OptionSpec = {
  flags: "--set <knob=value>",
  description: "set a knob of the policy, or hint.ENTRY=MS (repeatable)",
  repeatable: true,
};
const seed: OptionSpec = {
  flags: "--seed <n>",
  description: "seed of the order of runs and of the intervals",
  kind: "integer",
};
const node: OptionSpec = { flags: "--node <name>", description: "where to run: lab (default)" };
const planner: OptionSpec = {
  flags: "--planner <name>",
  description: "who proposes candidates: heuristic (default)",
};
const budget: OptionSpec = {
  flags: "--budget <seconds>",
  description: "about how long it may take",
  kind: "number",
};
const scale: OptionSpec = {
  flags: "--scale <n>",
  description: "multiply the workload's sizes by this",
  kind: "number",
};
const report: OptionSpec = {
  flags: "--report <path>",
  description: "where to write the HTML report",
};
const workload = {
  name: "<workload>",
  description: "a workload file, or the name of a ready one (see workloads/)",
};

export const commandTable: readonly CommandSpec[] = [
  {
    name: "start",
    summary: "set up what is missing, then find a better scheduler for the sample workload",
    options: [{ flags: "--yes", description: "install what is missing without asking" }, budget],
    load: () => import("./commands/start.ts"),
  },
  {
    name: "doctor",
    summary: "say what this machine can do, and what to do about what it can't",
    load: () => import("./commands/doctor.ts"),
  },
  {
    name: "setup",
    summary: "install what is missing, after saying what",
    options: [
      { flags: "--yes", description: "do not ask before installing packages" },
      { flags: "--for <purpose>", description: "what to set up for: lab (default) or test" },
      { flags: "--kernel <path>", description: "make a guest of this kernel image too" },
    ],
    load: () => import("./commands/setup.ts"),
  },
  {
    name: "optimize",
    summary: "find, verify and measure a better scheduler for a workload",
    arguments: [workload],
    options: [node, planner, budget, scale, seed, report],
    examples: ["schedcp optimize compression", "schedcp optimize my-workload.yaml --budget 600"],
    load: () => import("./commands/optimize.ts"),
  },
  {
    name: "measure",
    summary: "measure a workload under a policy against the kernel's default scheduler",
    arguments: [workload],
    options: [
      { flags: "--policy <policy>", description: "name in the library, or a .c or .o file" },
      set,
      { flags: "--pairs <n>", description: "counted pairs of runs", kind: "integer" },
      scale,
      seed,
      node,
    ],
    examples: ["schedcp measure two-kinds-of-jobs --policy longest-first --pairs 8"],
    load: () => import("./commands/measure.ts"),
  },
  {
    name: "profile",
    summary: "run a workload once and say what it is like",
    arguments: [workload],
    options: [node, scale],
    load: () => import("./commands/profile.ts"),
  },
  {
    name: "verify",
    summary: "compile a policy, load it into a real kernel in the lab, exercise it, judge it",
    arguments: [
      { name: "<policy>", description: "C source (.c), BPF object (.o), or a name in the library" },
    ],
    options: [
      { flags: "--workload <workload>", description: "run this as a part of the exercise" },
      scale,
      set,
      {
        flags: "--binary",
        description: "the file is a scheduler's own program, enrolled by `scx enrol`",
      },
      {
        flags: "--kernel <path>",
        description: "verify for this kernel image (see setup --kernel)",
      },
    ],
    examples: ["schedcp verify my-policy.bpf.c", "schedcp verify fair-vtime --set slice_us=4000"],
    load: () => import("./commands/verify.ts"),
  },
  {
    name: "simulate",
    summary:
      "run a policy's own object in a simulated kernel, in milliseconds, and say what goes wrong",
    arguments: [
      { name: "<policy>", description: "C source (.c), BPF object (.o), or a name in the library" },
    ],
    options: [
      {
        flags: "--workload <workload>",
        description: "simulate this workload (default: the adversarial suite)",
      },
      {
        flags: "--scenario <path>",
        description: "replay a scenario, or the first counterexample of a report",
      },
      {
        flags: "--profile <path>",
        description: "how the workload's tasks run (from `profile --json`)",
      },
      { flags: "--cpus <n>", description: "CPUs of the simulated machine", kind: "integer" },
      {
        flags: "--topology <shape>",
        description: "caches x cores x threads, such as 2x4x2, or nodes=2,llc=2,cores=4,smt=2",
      },
      { flags: "--seed <n>", description: "of all that is drawn (default 1)", kind: "integer" },
      set,
      scale,
      { flags: "--trace <path>", description: "write a run's trace for ui.perfetto.dev (JSON)" },
      { flags: "--gantt <path>", description: "write a run's chart (.html or .svg)" },
      {
        flags: "--kernel <path>",
        description: "with the types of this kernel image (see setup --kernel)",
      },
    ],
    examples: [
      "schedcp simulate my-policy.bpf.c --gantt chart.html",
      "schedcp simulate longest-first --workload two-kinds-of-jobs --set hint.long=900",
      "schedcp simulate my-policy.bpf.c --json > report.json",
      "schedcp simulate my-policy.bpf.c --scenario report.json --trace trace.json",
    ],
    load: () => import("./commands/simulate.ts"),
  },
  {
    name: "explain",
    summary: "say in plain words why a sched_ext scheduler left, and what to change",
    arguments: [
      {
        name: "<text>",
        description:
          "a file with the scheduler's dump or a piece of the kernel's log, - for standard input, or an id of the history",
      },
    ],
    options: [
      {
        flags: "--scenario <path>",
        description: "write the scenario that shows it, for simulate --scenario",
      },
    ],
    examples: [
      "journalctl -k | schedcp explain -",
      "schedcp explain dump.txt --scenario again.json",
      "schedcp simulate my-policy.bpf.c --scenario again.json",
    ],
    load: () => import("./commands/explain.ts"),
  },
  {
    name: "policies",
    summary: "the library of policies",
    commands: [
      { name: "list", summary: "all of them", load: () => import("./commands/policies-list.ts") },
      {
        name: "search",
        summary: "those that fit some words",
        arguments: [{ name: "<words...>", description: "what to look for" }],
        load: () => import("./commands/policies-search.ts"),
      },
      {
        name: "show",
        summary: "one of them: what it is for, its knobs, its source",
        arguments: [{ name: "<name>", description: "name of the policy" }],
        options: [{ flags: "--source", description: "print its C source only" }],
        load: () => import("./commands/policies-show.ts"),
      },
    ],
  },
  {
    name: "scx",
    summary: "production schedulers: programs that bring their own BPF",
    commands: [
      {
        name: "enrol",
        summary: "take a scheduler's program in, by its name, version and digest",
        arguments: [
          { name: "<file>", description: "the program, such as ~/.cargo/bin/scx_bpfland" },
        ],
        examples: [
          "schedcp scx enrol ~/.cargo/bin/scx_bpfland",
          "schedcp verify --binary ~/.cargo/bin/scx_bpfland",
        ],
        load: () => import("./commands/scx-enrol.ts"),
      },
      {
        name: "list",
        summary: "those that are enrolled",
        load: () => import("./commands/scx-list.ts"),
      },
    ],
  },
  {
    name: "history",
    summary: "what was measured, verified and decided before",
    arguments: [{ name: "[id]", description: "show this one whole" }],
    options: [
      { flags: "--workload <name>", description: "only of this workload" },
      { flags: "--limit <n>", description: "at most so many (default 20)", kind: "integer" },
    ],
    load: () => import("./commands/history.ts"),
  },
  {
    name: "mcp",
    summary: "serve the Model Context Protocol on standard input and output, for agents",
    json: false,
    load: () => import("./commands/mcp.ts"),
  },
];
