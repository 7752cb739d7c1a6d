// Families in which tasks come, change and go: forks, short lives, execs, renices, and the names that
// an ordinary machine's tasks have.

import { Draw } from "../draw.ts";
import {
  around,
  cpuCount,
  type Family,
  hog,
  ms,
  repeat,
  run,
  scaled,
  scenario,
  seconds,
  sleep,
  sleeper,
  task,
  us,
} from "../family.ts";
import { hungryNames, modestNames } from "../ordinary-names.ts";
import type { MachineEvent, Step, TaskSpec } from "../scenario.ts";
import { systemTasks } from "../system-tasks.ts";
import { flatTopology } from "../topology.ts";

export const forkBomb: Family = {
  name: "fork-bomb",
  purpose: "Tasks that fork tasks that fork tasks (bounded) beside one that just wants to go on.",
  make(seed, size) {
    const topology = size.topology ?? flatTopology(4);
    const width = Math.max(2, Math.min(8, Math.round(4 * size.scale)));
    const forks = (child: number): Step[] => [
      repeat(width, [run(us(100)), { do: "fork", task: child }]),
    ];
    const tasks = [
      task("bomb", [...forks(1), { do: "join" }]),
      task("bomb", [...forks(2), { do: "join" }], { count: 0 }),
      task("bomb", [...forks(3)], { count: 0 }),
      task("bomb", [run(around(ms(2)))], { count: 0 }),
      task("bystander", [repeat(100, [run(ms(1)), sleep(ms(4))])], { count: 2 }),
    ];
    return scenario({ name: "fork-bomb", topology, tasks, durationNs: seconds(3), seed });
  },
};

export const churn: Family = {
  name: "churn",
  purpose:
    "A stream of short-lived tasks that the CPUs can serve: what the policy keeps per task must not pile up.",
  make(seed, size) {
    const topology = size.topology ?? flatTopology(2);
    const cpus = cpuCount(topology);
    // Each spawner starts a job of 3 ms every 7 ms or so: about 60 % of the machine, with the rest.
    const tasks = [
      task("spawner", [run(us(200)), { do: "fork", task: 1 }, sleep(around(ms(7)))], {
        loop: true,
        count: scaled(cpus, size),
      }),
      task("shortjob", [run(around(ms(3)))], { count: 0 }),
      sleeper("steady", ms(1), around(ms(12)), { count: scaled(cpus, size) }),
    ];
    return scenario({ name: "churn", topology, tasks, durationNs: seconds(4), seed });
  },
};

export const crowd: Family = {
  name: "crowd",
  purpose:
    "More tasks at once, and one after the other, than a map or a queue of usual size has room for, and more enqueues than a counter's surprise waits for: none may be lost.",
  make(seed, size) {
    const topology = size.topology ?? flatTopology(2);
    // Waves of jobs that all come at one instant, so that nearly every one has to queue: 10,500 in all.
    const waves = Array.from({ length: 5 }, (_, wave) =>
      task("shortjob", [run(us(50))], {
        count: scaled(2100, size),
        startNs: ms(130 + 200 * wave),
      }),
    );
    const tasks = [task("reniced", [run(ms(2))], { count: 120 }), ...waves];
    // Puts those that wait back into the policy's hands: 100,000 calls of enqueue at the price of few events.
    const events = Array.from(
      { length: 900 },
      (_, index): MachineEvent => ({
        atNs: us(500 + 2 * index),
        do: "nice",
        task: 0,
        nice: index % 2 === 0 ? 1 : 0,
      }),
    );
    return scenario({ name: "crowd", topology, tasks, events, durationNs: seconds(5), seed });
  },
};

export const execs: Family = {
  name: "execs",
  purpose:
    "Tasks change their names while they run: what the policy decides by name must follow or hold.",
  make(seed, size) {
    const draw = new Draw(seed);
    const topology = size.topology ?? flatTopology(2);
    const names = draw.shuffle(["sh", "make", "cc1plus", "as", "ld", "python3", "gzip", "java"]);
    const tasks = names.map((comm) =>
      task(
        "build",
        [
          run(ms(2)),
          { do: "exec", comm },
          repeat(20, [run(around(ms(8))), sleep(ms(2))]),
          { do: "exec", comm: "sh" },
          run(ms(5)),
        ],
        { comm: "sh", count: scaled(1, size) },
      ),
    );
    return scenario({ name: "execs", topology, tasks, durationNs: seconds(4), seed });
  },
};

export const renices: Family = {
  name: "renices",
  purpose:
    "Weights change while tasks run and wait: the share must follow, and old virtual time must not starve anybody.",
  make(seed, size) {
    const draw = new Draw(seed);
    const topology = size.topology ?? flatTopology(2);
    const cpus = cpuCount(topology);
    const tasks = [
      hog("stays", { count: scaled(cpus, size) }),
      hog("changes", { count: scaled(cpus, size), nice: 10 }),
      task("own", [run(ms(30)), { do: "nice", nice: 5 }, run(ms(30)), { do: "nice", nice: 0 }], {
        loop: true,
      }),
    ];
    const events = [1, 2, 3, 4].map((second) => ({
      atNs: seconds(second) + ms(draw.between(0, 30)),
      do: "nice" as const,
      task: 1,
      nice: draw.pick([-5, 0, 5, 10]),
    }));
    return scenario({ name: "renices", topology, tasks, events, durationNs: seconds(6), seed });
  },
};

export const ordinaryNames: Family = {
  name: "ordinary-names",
  purpose:
    "Tasks named as on an ordinary machine: a policy that forgets those of one name is found out.",
  make(seed, size) {
    const topology = size.topology ?? flatTopology(4);
    const tasks = [...systemTasks(cpuCount(topology)), ...applications(new Draw(seed))];
    return scenario({ name: "ordinary-names", topology, tasks, durationNs: seconds(3), seed });
  },
};

function applications(draw: Draw): TaskSpec[] {
  return [
    ...draw
      .shuffle(hungryNames)
      .map((comm) =>
        task(comm, [run(around(ms(40))), sleep(around(ms(100)))], { comm, loop: true }),
      ),
    ...draw
      .shuffle(modestNames)
      .map((comm) => sleeper(comm, around(us(500)), around(ms(40)), { comm })),
  ];
}
