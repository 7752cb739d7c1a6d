// Unfairness against weights, among tasks that want a CPU without a break.
//
// The run is cut into windows. Of the tasks that were runnable throughout a window with one weight and
// one affinity, each should get its part, by weight and at most one CPU, of what they got together (a
// fluid share by water-filling; what sleepers took is nobody's fault). Got and ideal are summed over
// windows. Differences below twice the longest run that was seen, or 100 ms, are the grain of slices.
// Tasks whose steps sleep or yield are left out, also
// while they happen to wait throughout a window: only those that wait long would count. Compared only within one affinity and, where no task ever leaves its last-level cache, within that:
// queues per cache with unequal load are a choice.
// Shares over less than 8 s (for warnings 3 s) say nothing: policies that age their queues even things
// out only then. Kernel threads are left out: to favour them is common and sound.
// - Error, inverted: at most of the pairs of weights of which one is twice the other's or more, the
//   lighter got more than twice what the heavier got per time.
// - Error, unequal: of tasks of equal weight, one got 6 times another's share.
// - Warning: Jain's index over got ÷ ideal is below 0.85 (first come first served with weights; Jain,
//   Chiu and Hawe, DEC-TR-301, 1984), or a factor of 3 between equals.

import type { Check, Reading, RunEnd, Violation } from "./check.ts";
import type { Ledger, TaskRecord } from "./ledger.ts";
import { duration, percent, taskWords } from "./words.ts";

const bounds = { equals: { error: 6, warning: 3 }, jain: 0.85, inverted: 2, pairs: 0.6 } as const;
const grainNsMin = 100e6;
const lastedNsMin = { error: 8e9, warning: 3e9 } as const;

interface Account {
  task: TaskRecord;
  weight: number;
  gotNs: number;
  idealNs: number;
  windowNs: number;
  llc: number;
  roams: boolean;
}

export class Unfairness implements Check {
  #accounts = new Map<number, Account>();
  #ratio = { error: 0, warning: 0 };

  running(_now: number, task: TaskRecord, cpu: number): void {
    const account = this.#accounts.get(task.id);
    if (account !== undefined && account.llc !== task.set.llcOf(cpu)) account.roams = true;
  }

  windowEnded(startNs: number, endNs: number, ledger: Ledger): void {
    const groups = new Map<TaskRecord["set"], TaskRecord[]>();
    for (const task of ledger.tasks) {
      if (task?.steady !== true || task.kernelThread || task.steadyNs > startNs) continue;
      if (task.phase !== "running" && task.phase !== "waiting") continue;
      const group = groups.get(task.set);
      if (group === undefined) groups.set(task.set, [task]);
      else group.push(task);
    }
    for (const group of groups.values()) this.#share(group, startNs, endNs, ledger);
  }

  #share(group: TaskRecord[], startNs: number, endNs: number, ledger: Ledger): void {
    const got = group.map((task) => ledger.ranBy(task, endNs) - task.ranAtWindowNs);
    const total = got.reduce((sum, each) => sum + each, 0);
    const ideal = waterFill(
      group.map((task) => task.weight),
      total,
      endNs - startNs,
    );
    group.forEach((task, index) => {
      let account = this.#accounts.get(task.id);
      // A task of another weight than before is another task to this check.
      if (account === undefined || account.weight !== task.weight || account.task !== task) {
        account = {
          task,
          weight: task.weight,
          gotNs: 0,
          idealNs: 0,
          windowNs: 0,
          llc: task.set.llcOf(task.cpu),
          roams: false,
        };
        this.#accounts.set(task.id, account);
      }
      account.gotNs += got[index] ?? 0;
      account.idealNs += ideal[index] ?? 0;
      account.windowNs += endNs - startNs;
    });
  }

  finish(end: RunEnd): Violation[] {
    const found = this.#groups().flatMap((group) => this.#judge(group, end.nowNs));
    const worst = found.find((each) => each.severity === "error") ?? found[0];
    return worst === undefined ? [] : [worst];
  }

  #groups(): Account[][] {
    const bySet = new Map<TaskRecord["set"], Account[]>();
    for (const account of this.#accounts.values()) {
      const group = bySet.get(account.task.set);
      if (group === undefined) bySet.set(account.task.set, [account]);
      else group.push(account);
    }
    return [...bySet.values()].flatMap((group) => {
      if (group.some((account) => account.roams)) return [group];
      const byLlc = new Map<number, Account[]>();
      for (const account of group) {
        const near = byLlc.get(account.llc);
        if (near === undefined) byLlc.set(account.llc, [account]);
        else near.push(account);
      }
      return [...byLlc.values()];
    });
  }

  #judge(group: Account[], nowNs: number): Violation[] {
    const lasting = (ns: number) => group.filter(({ windowNs }) => windowNs >= ns);
    const [long, fair] = [lasting(lastedNsMin.error), lasting(lastedNsMin.warning)];
    if (fair.length < 2) return [];
    const longest = Math.max(...group.map(({ task }) => task.longestRunNs));
    const grainNs = Math.max(grainNsMin, 2 * longest);
    return [
      ...this.#inverted(long, grainNs, nowNs),
      ...this.#unequal(fair, grainNs, nowNs),
      ...this.#unweighted(fair, grainNs, nowNs),
    ];
  }

  #inverted(group: Account[], grainNs: number, nowNs: number): Violation[] {
    const kinds = byWeight(group);
    let pairs = 0;
    let inverted = 0;
    let worst: { light: Account; heavy: Account; factor: number } | null = null;
    for (const heavy of kinds) {
      for (const light of kinds) {
        if (heavy.weight < 2 * light.weight) continue;
        pairs += 1;
        const excess = light.rate * heavy.windowNs - heavy.gotNs;
        if (light.rate <= bounds.inverted * heavy.rate || excess < grainNs) continue;
        inverted += 1;
        const factor = light.rate / Math.max(heavy.rate, 1e-6);
        if (worst === null || factor > worst.factor) {
          worst = { light: light.most, heavy: heavy.least, factor };
        }
      }
    }
    if (pairs === 0) return [];
    this.#ratio.error = Math.max(this.#ratio.error, inverted / pairs / bounds.pairs);
    if (worst === null || inverted / pairs < bounds.pairs) return [];
    const { heavy, light } = worst;
    return [
      {
        rule: "unfairness",
        severity: "error",
        message: `weights work the wrong way round: ${taskWords(heavy.task)} got ${percent(heavy.gotNs / heavy.windowNs)} of a CPU, ${taskWords(light.task)} ${percent(light.gotNs / light.windowNs)}, though both always wanted one.`,
        hint: "A heavier task must get more: charge vtime += used * 100 / p->scx.weight (divide, don't multiply), and give slices in proportion to weight, not to its inverse.",
        task: heavy.task,
        atNs: nowNs,
      },
    ];
  }

  #unequal(group: Account[], grainNs: number, nowNs: number): Violation[] {
    let worst: Violation[] = [];
    let worstFactor = 0;
    for (const { most, least } of byWeight(group)) {
      const [high, low] = [most.gotNs / most.windowNs, least.gotNs / least.windowNs];
      if ((high - low) * Math.min(most.windowNs, least.windowNs) < grainNs) continue;
      const factor = high / Math.max(low, 1e-4);
      const long = Math.min(most.windowNs, least.windowNs) >= lastedNsMin.error;
      if (long) this.#ratio.error = Math.max(this.#ratio.error, factor / bounds.equals.error);
      this.#ratio.warning = Math.max(this.#ratio.warning, factor / bounds.equals.warning);
      if (factor < bounds.equals.warning || factor <= worstFactor) continue;
      worstFactor = factor;
      worst = [
        {
          rule: "unfairness",
          severity: long && factor >= bounds.equals.error ? "error" : "warning",
          message: `tasks of equal weight that always want a CPU get unequal shares: ${taskWords(most.task)} ${percent(high)} of a CPU, ${taskWords(least.task)} ${percent(low)}.`,
          hint: "Let slice and order depend on what a task used and on its weight, not on its pid, name, age or place; take from every queue in turn, and steal from the longer one.",
          task: least.task,
          atNs: nowNs,
        },
      ];
    }
    return worst;
  }

  #unweighted(group: Account[], grainNs: number, nowNs: number): Violation[] {
    if (byWeight(group).length < 2) return [];
    const shares = group.map(({ gotNs, idealNs }) =>
      Math.abs(gotNs - idealNs) <= grainNs ? 1 : gotNs / Math.max(idealNs, grainNs / 4),
    );
    const index = jainIndex(shares);
    this.#ratio.warning = Math.max(this.#ratio.warning, (1 - index) / (1 - bounds.jain));
    if (index >= bounds.jain) return [];
    const lag = (account: Account) => account.idealNs - account.gotNs;
    const behind = group.reduce((worst, each) => (lag(each) > lag(worst) ? each : worst));
    return [
      {
        rule: "unfairness",
        severity: "warning",
        message: `CPU time does not follow the weights (Jain's index ${index.toFixed(2)}): ${taskWords(behind.task)} got ${duration(behind.gotNs)} where its weight earns ${duration(behind.idealNs)}.`,
        hint: "Order by weighted virtual time (scx_bpf_dsq_insert_vtime with vtime += used * 100 / p->scx.weight), or give slices in proportion to p->scx.weight; leave it where equal turns are what is wanted.",
        task: behind.task,
        atNs: nowNs,
      },
    ];
  }

  readings(): Reading[] {
    return [
      { rule: "unfairness", severity: "error", ratio: this.#ratio.error },
      { rule: "unfairness", severity: "warning", ratio: this.#ratio.warning },
    ];
  }
}

interface Kind {
  weight: number;
  /** CPU time per time, of all tasks of the weight together. */
  rate: number;
  /** Means over the tasks. */
  gotNs: number;
  windowNs: number;
  most: Account;
  least: Account;
}

function byWeight(group: Account[]): Kind[] {
  const kinds = new Map<number, Account[]>();
  for (const account of group) {
    const kind = kinds.get(account.weight);
    if (kind === undefined) kinds.set(account.weight, [account]);
    else kind.push(account);
  }
  return [...kinds].map(([weight, accounts]) => {
    const gotNs = accounts.reduce((sum, each) => sum + each.gotNs, 0) / accounts.length;
    const windowNs = accounts.reduce((sum, each) => sum + each.windowNs, 0) / accounts.length;
    const rate = (account: Account) => account.gotNs / account.windowNs;
    return {
      weight,
      rate: gotNs / windowNs,
      gotNs,
      windowNs,
      most: accounts.reduce((best, each) => (rate(each) > rate(best) ? each : best)),
      least: accounts.reduce((worst, each) => (rate(each) < rate(worst) ? each : worst)),
    };
  });
}

/**
 * Each one's part of `total` by weight where nobody can use more than `most` (weighted max-min
 * fairness; Bertsekas and Gallager, Data Networks, 6.5.2). Same order as `weights`.
 */
export function waterFill(weights: readonly number[], total: number, most: number): number[] {
  const parts = new Array<number>(weights.length).fill(0);
  const order = weights.map((_, index) => index);
  order.sort((a, b) => (weights[b] ?? 0) - (weights[a] ?? 0));
  let left = total;
  let sum = weights.reduce((all, weight) => all + weight, 0);
  for (const index of order) {
    const weight = weights[index] ?? 0;
    const part = sum > 0 ? Math.min(most, (left * weight) / sum) : 0;
    parts[index] = part;
    left -= part;
    sum -= weight;
  }
  return parts;
}

/** (Σx)² ÷ (n Σx²): 1 where all are equal, 1/n where one has everything. All 0 is equal. */
export function jainIndex(shares: readonly number[]): number {
  const sum = shares.reduce((all, share) => all + share, 0);
  const squares = shares.reduce((all, share) => all + share * share, 0);
  return squares === 0 ? 1 : (sum * sum) / (shares.length * squares);
}
