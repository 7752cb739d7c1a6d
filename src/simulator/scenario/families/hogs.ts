// Families of tasks that want a CPU all the time: what a policy does with weights, equals, pins and
// many or few CPUs. In each, a correct policy of any kind gives everybody something.

import { Draw } from "../draw.ts";
import {
  cpuCount,
  type Family,
  hog,
  ms,
  repeat,
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
import { hungryNames } from "../ordinary-names.ts";
import type { MachineEvent, Step } from "../scenario.ts";
import { flatTopology, llcTopology } from "../topology.ts";

/** Long enough for a wait of half the watchdog's limit, the bound of checks/starvation.ts, to show. */
const starvationNs = seconds(17);

export const equalHogs: Family = {
  name: "equal-hogs",
  purpose:
    "Tasks of equal weight that never sleep must get equal shares, whatever their pids, and none may starve for its name or its group.",
  make(seed, size) {
    const draw = new Draw(seed);
    const topology = size.topology ?? flatTopology(2);
    // Three of each name, at places that have nothing to do with it: between them only pids differ.
    const names = draw.shuffle(
      hungryNames.flatMap((comm, index) =>
        [0, 1, 2].map(() => ({ comm, cgroup: 1 + (index % 2) })),
      ),
    );
    const count = scaled(Math.ceil(cpuCount(topology) / 8), size);
    // All of one name are SCHED_BATCH, which may cost them nothing but the preemption of others.
    const batch = draw.pick(hungryNames);
    const tasks = names.map(({ comm, cgroup }) =>
      hog("hog", {
        ...{ comm, cgroup, count, startNs: ms(draw.between(0, 20)) },
        policy: comm === batch ? "batch" : "normal",
      }),
    );
    const cgroups = [
      rootCgroup,
      { name: "one", parent: 0, weight: 100 },
      { name: "other", parent: 0, weight: 100 },
    ];
    return scenario({
      name: "equal-hogs",
      topology,
      cgroups,
      tasks,
      durationNs: starvationNs,
      seed,
    });
  },
};

export const mildWeights: Family = {
  name: "mild-weights",
  purpose:
    "Lighter tasks must get their smaller share: a strict order by priority starves them. Nor may one starve that was reniced, that is about to exit, or that may use one CPU only.",
  make(seed, size) {
    const draw = new Draw(seed);
    const topology = size.topology ?? flatTopology(2);
    const each = scaled(cpuCount(topology), size);
    const kinds = [
      { entry: "light", nice: draw.between(3, 7) },
      { entry: "middle", nice: 0 },
      { entry: "heavy", nice: draw.between(-7, -3) },
    ];
    const shuffled = draw.shuffle(kinds);
    const tasks = [
      ...shuffled.map(({ entry, nice }) => hog(entry, { nice, count: each })),
      hog("pinned", { cpus: [0] }),
      sleeper("pinned", us(50), ms(200), {
        comm: "kworker/0:1",
        kernelThread: true,
        cpus: [0],
      }),
    ];
    // Slices end at ticks, every 4 ms: these are then just about to exit.
    const leaving = [4, 8, 20].map((slice) =>
      task("leaving", [run(ms(slice) - us(5))], { count: 0 }),
    );
    const forks = leaving.map((_, index): Step => ({ do: "fork", task: tasks.length + 1 + index }));
    tasks.push(task("parent", [repeat(3, [...forks, { do: "join" }])]), ...leaving);
    const events = [1, 0].map(
      (nice, index): MachineEvent => ({
        atNs: ms(300 * (index + 1) + draw.between(0, 30)),
        do: "nice",
        task: shuffled.findIndex(({ entry }) => entry === "middle"),
        nice,
      }),
    );
    return scenario({
      name: "mild-weights",
      topology,
      tasks,
      events,
      durationNs: starvationNs,
      seed,
    });
  },
};

export const extremeWeights: Family = {
  name: "extreme-weights",
  purpose: "Weights from nice -20 to 19 must neither overflow nor turn round.",
  make(seed, size) {
    const draw = new Draw(seed);
    const topology = size.topology ?? flatTopology(2);
    const nices = draw.shuffle([-20, -10, -1, 0, 1, 10, 19]);
    const tasks = nices.map((nice) =>
      hog(`nice-${nice}`, {
        nice,
        count: scaled(nice === -20 ? Math.ceil(cpuCount(topology) / 2) : 1, size),
        startNs: ms(draw.between(0, 50)),
      }),
    );
    // Ended long before the watchdog: a fair policy may let nice 19 wait for minutes here.
    return scenario({ name: "extreme-weights", topology, tasks, durationNs: seconds(8), seed });
  },
};

export const singleCpu: Family = {
  name: "single-cpu",
  purpose: "One CPU: nobody else can rescue what the policy forgets.",
  make(seed, size) {
    const draw = new Draw(seed);
    const tasks = [
      hog("hog", { count: scaled(2, size) }),
      task("worker", [run(ms(3)), sleep(ms(draw.between(5, 15)))], { loop: true, count: 2 }),
      task("job", [run(ms(draw.between(100, 300)))], { count: 3 }),
    ];
    const topology = flatTopology(1);
    return scenario({ name: "single-cpu", topology, tasks, durationNs: seconds(3), seed });
  },
};

export const manyCpus: Family = {
  name: "many-cpus",
  purpose: "Many CPUs and caches with twice as many tasks as CPUs: every CPU must find its work.",
  make(seed, size) {
    const draw = new Draw(seed);
    const topology = size.topology ?? llcTopology(4, 8);
    const cpus = cpuCount(topology);
    const tasks = [
      hog("hog", { count: scaled(Math.ceil(cpus * 0.75), size) }),
      task("mixed", [repeat(1000, [run({ minNs: ms(1), maxNs: ms(9) }), sleep(ms(5))])], {
        count: scaled(cpus, size),
        startNs: { minNs: 0, maxNs: ms(10) },
      }),
      task("job", [run(ms(draw.between(20, 60)))], { count: scaled(Math.ceil(cpus / 4), size) }),
    ];
    return scenario({ name: "many-cpus", topology, tasks, durationNs: ms(400), seed });
  },
};

export const yielders: Family = {
  name: "yielders",
  purpose:
    "Tasks that call sched_yield all the time must neither lose their place for ever nor block others.",
  make(seed, size) {
    const topology = size.topology ?? flatTopology(2);
    const cpus = cpuCount(topology);
    const tasks = [
      task("yielder", [run(ms(1)), { do: "yield" }], { loop: true, count: scaled(cpus, size) }),
      hog("hog", { count: scaled(cpus, size) }),
    ];
    return scenario({ name: "yielders", topology, tasks, durationNs: seconds(2), seed });
  },
};
