// Families in which the machine itself is not plain: pins, affinity that changes, CPUs that leave, a
// real-time task, control groups, and time that goes on for long.

import { Draw } from "../draw.ts";
import {
  around,
  cpuCount,
  type Family,
  hog,
  ms,
  rootCgroup,
  run,
  scaled,
  scenario,
  seconds,
  sleep,
  sleeper,
  task,
  us,
} from "../family.ts";
import type { MachineEvent } from "../scenario.ts";
import { buildTopology, flatTopology, llcTopology } from "../topology.ts";

export const pinned: Family = {
  name: "pinned",
  purpose: "Tasks that may use one CPU only, among others that may use all.",
  make(seed, size) {
    const draw = new Draw(seed);
    const topology = size.topology ?? flatTopology(4);
    const cpus = cpuCount(topology);
    const last = cpus - 1;
    const tasks = [
      hog("free", { count: scaled(cpus, size) }),
      hog("pinned-hog", { cpus: [last] }),
      sleeper("pinned", around(ms(1)), around(ms(10)), { cpus: [0] }),
      sleeper("pinned", around(ms(1)), around(ms(10)), { cpus: [last] }),
      task("half", [run(ms(draw.between(4, 9))), sleep(ms(6))], {
        loop: true,
        count: scaled(2, size),
        cpus: Array.from({ length: Math.max(1, cpus >> 1) }, (_, cpu) => cpu),
      }),
    ];
    return scenario({ name: "pinned", topology, tasks, durationNs: seconds(3), seed });
  },
};

export const affinityFlips: Family = {
  name: "affinity-flips",
  purpose:
    "Affinity changes while tasks run, wait and sleep: nobody may run, or wait, where he no longer may.",
  make(seed, size) {
    const draw = new Draw(seed);
    const topology = size.topology ?? llcTopology(2, 2);
    const cpus = cpuCount(topology);
    const one = () => [draw.between(0, cpus - 1)];
    const all = Array.from({ length: cpus }, (_, cpu) => cpu);
    const tasks = [
      task(
        "flipper",
        [
          run(ms(3)),
          { do: "affinity", cpus: one() },
          run(ms(3)),
          sleep(ms(1)),
          { do: "affinity", cpus: all },
        ],
        { loop: true, count: scaled(cpus, size) },
      ),
      hog("moved", { count: scaled(cpus, size) }),
      hog("hog", { count: scaled(2, size) }),
    ];
    const events: MachineEvent[] = Array.from({ length: 40 }, (_, index) => ({
      atNs: ms(25 * index + draw.between(1, 20)),
      do: "affinity",
      task: 1,
      cpus: index % 3 === 2 ? all : [...new Set([...one(), ...one()])].sort((a, b) => a - b),
    }));
    return scenario({
      name: "affinity-flips",
      topology,
      tasks,
      events,
      durationNs: ms(1200),
      seed,
    });
  },
};

export const hotplug: Family = {
  name: "hotplug",
  purpose: "CPUs go offline and come back under load: their tasks must go on elsewhere.",
  make(seed, size) {
    const draw = new Draw(seed);
    const topology = size.topology ?? flatTopology(4);
    const cpus = cpuCount(topology);
    const tasks = [
      hog("hog", { count: scaled(cpus + 2, size) }),
      sleeper("sleeper", around(ms(1)), around(ms(8)), { count: scaled(cpus, size) }),
    ];
    const events: MachineEvent[] = [];
    for (let round = 0; round < (cpus > 1 ? 3 : 0); round += 1) {
      const cpu = draw.between(1, cpus - 1);
      events.push({ atNs: ms(300 + 500 * round), do: "cpu-offline", cpu });
      events.push({ atNs: ms(500 + 500 * round), do: "cpu-online", cpu });
    }
    return scenario({ name: "hotplug", topology, tasks, events, durationNs: seconds(2), seed });
  },
};

export const cpuGone: Family = {
  name: "cpu-gone",
  purpose:
    "A CPU goes offline under load and does not come back: what the policy queued for it must be served elsewhere.",
  make(seed, size) {
    const draw = new Draw(seed);
    const topology = size.topology ?? flatTopology(2);
    const cpus = cpuCount(topology);
    const tasks = [
      hog("hog", { count: scaled(3 * cpus, size) }),
      task("worker", [run(around(ms(6))), sleep(around(ms(60)))], {
        loop: true,
        count: scaled(2 * cpus, size),
      }),
    ];
    const atNs = ms(draw.between(300, 340));
    const events: MachineEvent[] =
      cpus > 1 ? [{ atNs, do: "cpu-offline", cpu: draw.between(1, cpus - 1) }] : [];
    return scenario({ name: "cpu-gone", topology, tasks, events, durationNs: seconds(17), seed });
  },
};

export const realtime: Family = {
  name: "realtime",
  purpose:
    "A real-time task takes a CPU for a while: what waits in that CPU's own queue must get away.",
  make(seed, size) {
    const draw = new Draw(seed);
    const topology = size.topology ?? flatTopology(2);
    const cpus = cpuCount(topology);
    const tasks = [
      hog("hog", { count: scaled(cpus, size) }),
      sleeper("sleeper", around(ms(1)), around(ms(6)), { count: scaled(2 * cpus, size) }),
    ];
    const events: MachineEvent[] = [0, 1, 2, 3].map((round) => ({
      atNs: ms(200 + 600 * round),
      do: "realtime",
      cpu: draw.between(0, cpus - 1),
      ns: ms(draw.between(50, 300)),
    }));
    return scenario({ name: "realtime", topology, tasks, events, durationNs: seconds(3), seed });
  },
};

export const cgroups: Family = {
  name: "cgroups",
  purpose: "Groups with weights, changed while they run, and tasks that move between them.",
  make(seed, size) {
    const draw = new Draw(seed);
    const topology = size.topology ?? flatTopology(2);
    const cpus = cpuCount(topology);
    const groups = [
      rootCgroup,
      { name: "services", parent: 0, weight: draw.pick([61, 100, 313]) },
      { name: "batch", parent: 0, weight: draw.pick([37, 50, 83]) },
      { name: "services/db", parent: 1, weight: draw.pick([129, 200, 257]) },
    ];
    const tasks = [
      hog("batch", { cgroup: 2, count: scaled(cpus, size) }),
      hog("service", { cgroup: 1, count: scaled(cpus, size) }),
      sleeper("db", around(ms(2)), around(ms(6)), { cgroup: 3, count: scaled(cpus, size) }),
      task(
        "mover",
        [
          run(ms(4)),
          { do: "cgroup", cgroup: 2 },
          run(ms(4)),
          sleep(ms(2)),
          { do: "cgroup", cgroup: 1 },
        ],
        { cgroup: 1, loop: true },
      ),
    ];
    const events: MachineEvent[] = [1, 2].map((second) => ({
      atNs: seconds(second),
      do: "cgroup-weight",
      cgroup: 2,
      weight: draw.between(50, 200),
    }));
    return scenario({
      name: "cgroups",
      topology,
      cgroups: groups,
      tasks,
      events,
      durationNs: seconds(3),
      seed,
    });
  },
};

export const smtNodes: Family = {
  name: "smt-nodes",
  purpose:
    "Two nodes, caches and SMT threads: work must spread, and queues of one part be served by it.",
  make(seed, size) {
    const draw = new Draw(seed);
    const topology =
      size.topology ?? buildTopology({ nodes: 2, llc: 1, cores: 2, smt: 2, little: 0 });
    const cpus = cpuCount(topology);
    const tasks = [
      task("job", [run(ms(draw.between(150, 250)))], { count: scaled(2 * cpus, size) }),
      sleeper("sleeper", around(us(500)), around(ms(5)), { count: scaled(cpus, size) }),
    ];
    return scenario({ name: "smt-nodes", topology, tasks, durationNs: seconds(1), seed });
  },
};

export const longHaul: Family = {
  name: "long-haul",
  purpose:
    "Eleven minutes with little to do: a policy that changes its ways after a while is found out.",
  make(seed, size) {
    const draw = new Draw(seed);
    const topology = size.topology ?? flatTopology(2);
    const cpus = cpuCount(topology);
    // All wake at the same instants, more than there are CPUs: some must wait in the policy's queue.
    const periodNs = seconds(draw.between(3, 4));
    const tasks = [
      task("round", [run(ms(6)), sleep(periodNs)], {
        loop: true,
        count: scaled(2 * cpus + 1, size),
      }),
      sleeper("tick", us(200), seconds(1)),
    ];
    return scenario({ name: "long-haul", topology, tasks, durationNs: seconds(660), seed });
  },
};
