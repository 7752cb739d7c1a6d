// Priority inversion: of tasks that do the same, the heavier wait longer after waking, persistently.
//
// Compared are tasks of different specs with the very same steps and affinity, both kernel threads or
// neither, that sleep (a task that never does has its weight judged by unfairness.ts): a virtual time
// rightly lets a short burst of a light task pass before a long one of a heavy task. Per kind (spec and weight) the mean wait
// after waking counts, over at least 20 wake-ups. Inverted is a pair of kinds, one twice as heavy or
// more, whose heavier waits 4 times as long and 2 ms longer. Error where that holds for most pairs,
// warning where for any. Source of the notion: Sha, Rajkumar and Lehoczky, IEEE Trans. Computers 39(9),
// 1990; the bounds are ours: neither equal turns nor weighted virtual time come near them.

import type { Check, Reading, RunEnd, Violation } from "./check.ts";
import type { TaskRecord, Wait } from "./ledger.ts";
import { duration, taskWords } from "./words.ts";

const bounds = { factor: 4, differenceNs: 2e6, wakesMin: 20, pairs: 0.6 } as const;

interface Kind {
  task: TaskRecord;
  weight: number;
  waits: number;
  waitedNs: number;
}

export class PriorityInversion implements Check {
  #kinds = new Map<number, Kind>();
  #ratio = { error: 0, warning: 0 };

  waitEnded(_now: number, task: TaskRecord, wait: Wait): void {
    if (!wait.woke) return;
    const key = task.spec * 16_384 + task.weight;
    let kind = this.#kinds.get(key);
    if (kind === undefined) {
      kind = { task, weight: task.weight, waits: 0, waitedNs: 0 };
      this.#kinds.set(key, kind);
    }
    kind.waits += 1;
    kind.waitedNs += wait.ns;
  }

  finish(end: RunEnd): Violation[] {
    const { tasks } = end.ledger.scenario;
    const steps = tasks.map((spec) => JSON.stringify(spec.steps));
    const alike = (a: TaskRecord, b: TaskRecord) =>
      a.spec !== b.spec &&
      a.set === b.set &&
      a.kernelThread === b.kernelThread &&
      steps[a.spec] === steps[b.spec];
    const kinds = [...this.#kinds.values()].filter((kind) => kind.waits >= bounds.wakesMin);
    let pairs = 0;
    let inverted = 0;
    let worst: { heavy: Kind; light: Kind; factor: number } | null = null;
    for (const heavy of kinds) {
      for (const light of kinds) {
        if (heavy.weight < 2 * light.weight || !alike(heavy.task, light.task)) continue;
        pairs += 1;
        const [longer, shorter] = [meanWait(heavy), meanWait(light)];
        if (longer - shorter < bounds.differenceNs) continue;
        const factor = longer / Math.max(shorter, 1e5);
        this.#ratio.warning = Math.max(this.#ratio.warning, factor / bounds.factor);
        if (factor < bounds.factor) continue;
        inverted += 1;
        if (worst === null || factor > worst.factor) worst = { heavy, light, factor };
      }
    }
    if (pairs === 0 || worst === null) return [];
    this.#ratio.error = inverted / pairs / bounds.pairs;
    const { heavy, light } = worst;
    return [
      {
        rule: "priority-inversion",
        severity: inverted / pairs >= bounds.pairs ? "error" : "warning",
        message: `of tasks that do the same, the heavier wait longer after waking: ${taskWords(heavy.task)} ${duration(meanWait(heavy))} on average, ${taskWords(light.task)} ${duration(meanWait(light))}.`,
        hint: "Serve the heavier of two equal tasks no later: a smaller key is served first in a vtime DSQ, so a key must fall, not grow, with p->scx.weight.",
        task: heavy.task,
        atNs: end.nowNs,
      },
    ];
  }

  readings(): Reading[] {
    return [
      { rule: "priority-inversion", severity: "error", ratio: this.#ratio.error },
      { rule: "priority-inversion", severity: "warning", ratio: this.#ratio.warning },
    ];
  }
}

function meanWait(kind: Kind): number {
  return kind.waitedNs / kind.waits;
}
