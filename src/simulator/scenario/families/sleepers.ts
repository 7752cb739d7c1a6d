// Families of tasks that sleep and wake: latency beside hogs, storms, bursts after idleness, herds and
// pipelines. A wake-up that is lost or late shows here.

import { Draw } from "../draw.ts";
import {
  around,
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
import { flatTopology, llcTopology } from "../topology.ts";

export const sleepersBesideHogs: Family = {
  name: "sleepers-beside-hogs",
  purpose: "Tasks that sleep must get the CPU soon after waking though hogs want it all.",
  comparesLatency: true,
  make(seed, size) {
    const draw = new Draw(seed);
    const topology = size.topology ?? flatTopology(2);
    const cpus = cpuCount(topology);
    const tasks = [
      hog("hog", { count: scaled(cpus + 1, size) }),
      sleeper("editor", around(us(300)), around(ms(draw.between(20, 60))), {
        count: scaled(cpus, size),
      }),
      sleeper("kworker", us(50), ms(200), {
        comm: "kworker/u8:2",
        kernelThread: true,
        count: scaled(2, size),
      }),
    ];
    return scenario({
      name: "sleepers-beside-hogs",
      topology,
      tasks,
      durationNs: seconds(17),
      seed,
    });
  },
};

export const weightedSleepers: Family = {
  name: "weighted-sleepers",
  purpose: "Of tasks that do the same, the heavier must not wait longer than the lighter.",
  comparesLatency: true,
  make(seed, size) {
    const draw = new Draw(seed);
    const topology = size.topology ?? flatTopology(2);
    const each = scaled(cpuCount(topology) * 2, size);
    // Together they want twice what the CPUs have.
    const steps = [run(around(ms(3))), sleep(around(ms(3)))];
    const kinds = [
      { entry: "light", nice: 8 },
      { entry: "heavy", nice: -8 },
    ];
    const tasks = draw
      .shuffle(kinds)
      .map(({ entry, nice }) => task(entry, steps, { nice, count: each, loop: true }));
    return scenario({ name: "weighted-sleepers", topology, tasks, durationNs: seconds(4), seed });
  },
};

export const everyWeight: Family = {
  name: "every-weight",
  purpose:
    "A task of every nice level, one of SCHED_BATCH and one of SCHED_IDLE on a machine that has time for all: none may be forgotten for its weight.",
  make(seed, size) {
    const draw = new Draw(seed);
    const topology = size.topology ?? flatTopology(2);
    const nices = draw.shuffle(Array.from({ length: 40 }, (_, level) => level - 20));
    const count = scaled(Math.ceil(cpuCount(topology) / 8), size);
    // Together they want a good half of two CPUs; so many at once that some must queue.
    const steps = [run(around(ms(1))), sleep(ms(40))];
    const tasks = [
      ...nices.map((nice) => task("nice", steps, { nice, count, loop: true })),
      task("batch", steps, { policy: "batch", count, loop: true }),
      task("idle", steps, { policy: "idle", count, loop: true }),
    ];
    return scenario({ name: "every-weight", topology, tasks, durationNs: seconds(2), seed });
  },
};

export const busySleepers: Family = {
  name: "busy-sleepers",
  purpose:
    "Tasks with short runs that together want more than there is: who computes, yields, or lives in another group must get something still.",
  make(seed, size) {
    const topology = size.topology ?? flatTopology(1);
    const cpus = cpuCount(topology);
    const cgroups = [
      rootCgroup,
      { name: "services", parent: 0, weight: 100 },
      { name: "batch", parent: 0, weight: 100 },
    ];
    const tasks = [
      sleeper("server", around(us(1800)), around(us(1800)), {
        cgroup: 1,
        count: scaled(8 * cpus, size),
      }),
      hog("hog", { cgroup: 2, count: scaled(cpus, size) }),
      task("yielder", [run(ms(50)), { do: "yield" }], { cgroup: 2, loop: true }),
    ];
    return scenario({
      name: "busy-sleepers",
      topology,
      cgroups,
      tasks,
      durationNs: seconds(17),
      seed,
    });
  },
};

export const wakeStorm: Family = {
  name: "wake-storm",
  purpose: "Thousands of wake-ups a second on all CPUs at once.",
  make(seed, size) {
    const topology = size.topology ?? llcTopology(2, 4);
    const tasks = [
      sleeper("storm", around(us(200)), around(ms(2)), {
        count: scaled(10 * cpuCount(topology), size),
        startNs: { minNs: 0, maxNs: ms(2) },
      }),
    ];
    return scenario({ name: "wake-storm", topology, tasks, durationNs: ms(250), seed });
  },
};

export const bursts: Family = {
  name: "bursts",
  purpose: "Waves of tasks that all wake at one instant, with silence between.",
  make(seed, size) {
    const draw = new Draw(seed);
    const topology = size.topology ?? flatTopology(4);
    const tasks = [
      task("wave", [run(around(ms(4))), sleep(ms(draw.between(80, 120)))], {
        loop: true,
        count: scaled(5 * cpuCount(topology), size),
      }),
    ];
    return scenario({ name: "bursts", topology, tasks, durationNs: seconds(2), seed });
  },
};

export const idleThenBurst: Family = {
  name: "idle-then-burst",
  purpose:
    "After a long silence clocks and credits of the policy must not favour or punish anybody.",
  make(seed, size) {
    const draw = new Draw(seed);
    const topology = size.topology ?? flatTopology(2);
    const cpus = cpuCount(topology);
    const quiet = seconds(draw.between(40, 70));
    // Alone at first, each on a CPU: the kernel lengthens their slices by its own default.
    const alone = { minNs: ms(150), maxNs: ms(250) };
    const tasks = [
      task("before", [run(alone), sleep(quiet), run(seconds(3))], { count: scaled(cpus, size) }),
      hog("after", { count: scaled(cpus + 1, size), startNs: ms(100) + quiet }),
    ];
    const durationNs = quiet + seconds(17);
    return scenario({ name: "idle-then-burst", topology, tasks, durationNs, seed });
  },
};

export const thunderingHerd: Family = {
  name: "thundering-herd",
  purpose: "One task wakes many at the same instant, again and again.",
  make(seed, size) {
    const topology = size.topology ?? flatTopology(4);
    const herd = scaled(8 * cpuCount(topology), size);
    const tasks = [
      task("herd", [{ do: "wait", channel: 0 }, run(around(us(400)))], { count: herd, loop: true }),
      task("trumpet", [run(us(50)), { do: "signal", channel: 0, count: herd }, sleep(ms(10))], {
        loop: true,
      }),
    ];
    return scenario({ name: "thundering-herd", topology, tasks, durationNs: seconds(1), seed });
  },
};

export const pipelines: Family = {
  name: "pipelines",
  purpose: "Stages that hand work on by waking the next, as pipes do (WF_SYNC).",
  make(seed, size) {
    const topology = size.topology ?? llcTopology(2, 2);
    const pipes = scaled(cpuCount(topology), size);
    const stages = 4;
    const tasks = Array.from({ length: pipes * stages }, (_, index) => {
      const stage = index % stages;
      const work = run(around(us(150)));
      const hand = { do: "signal", channel: index + 1, sync: true } as const;
      const take = { do: "wait", channel: index } as const;
      if (stage === 0) return task("source", [repeat(800, [run(us(250)), hand])]);
      const middle = stage === stages - 1 ? [take, work] : [take, work, hand];
      return task(stage === stages - 1 ? "sink" : "stage", [repeat(800, middle)]);
    });
    return scenario({ name: "pipelines", topology, tasks, durationNs: seconds(5), seed });
  },
};

export const pingPong: Family = {
  name: "ping-pong",
  purpose:
    "Pairs that wake each other beside hogs: each message pays the policy's wake-up latency.",
  comparesLatency: true,
  make(seed, size) {
    const topology = size.topology ?? flatTopology(2);
    const cpus = cpuCount(topology);
    const pairs = scaled(cpus, size);
    const tasks = [hog("hog", { count: scaled(cpus, size) })];
    for (let pair = 0; pair < pairs; pair += 1) {
      const [ask, answer] = [2 * pair, 2 * pair + 1];
      tasks.push(
        task(
          "client",
          [
            run(us(100)),
            { do: "signal", channel: ask, sync: true },
            { do: "wait", channel: answer },
          ],
          { loop: true },
        ),
        task(
          "server",
          [
            { do: "wait", channel: ask },
            run(us(100)),
            { do: "signal", channel: answer, sync: true },
          ],
          { loop: true },
        ),
      );
    }
    return scenario({ name: "ping-pong", topology, tasks, durationNs: seconds(1), seed });
  },
};

export const lateArrivals: Family = {
  name: "late-arrivals",
  purpose:
    "Tasks that slept and woke alone for long, some that only slept, and new ones all turn into hogs: no credit or debt that one gathered may starve another.",
  make(seed, size) {
    const topology = size.topology ?? flatTopology(1);
    // Two a CPU, which take turns: of one alone the queue never holds the better claim while it runs. Their
    // runs are longer than usual slices, so that the kernel lengthens these. Runs and sleeps each add up to
    // more than a starvation's time.
    const wakes = 2000;
    const alone = wakes * ms(20);
    const count = cpuCount(topology);
    const lonely = [repeat(wakes, [run(ms(9)), sleep(ms(11))]), run(seconds(3600))];
    const dormant = [run(ms(1)), sleep(alone + ms(40)), run(seconds(3600))];
    const tasks = [
      task("sleeper", lonely, { loop: true, count }),
      task("sleeper", lonely, { loop: true, count, startNs: ms(10) }),
      task("dormant", dormant, { loop: true, count: 2 * count }),
      hog("late", { startNs: alone + ms(50), count: scaled(count, size) }),
    ];
    return scenario({
      name: "late-arrivals",
      topology,
      tasks,
      durationNs: alone + seconds(18),
      seed,
    });
  },
};
