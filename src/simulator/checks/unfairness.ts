// Unfairness against weights, among tasks that want a CPU without a break.
//
// The run is cut into windows. Of the tasks that were runnable throughout a window with one weight and
// one affinity, each should get its part, by weight and at most one CPU, of what they got together (a
// fluid share by water-filling; what sleepers took is nobody's fault). Got and ideal are summed over
// windows. Differences below twice the longest run that was seen, or 100 ms, are the grain of slices.
// Tasks whose steps sleep or yield are left out, also while they happen to wait throughout a window: only
// those that wait long would count. Compared only within one affinity and, where no task ever leaves its
// last-level cache, within that: queues per cache with unequal load are a choice.
// Shares over less than 8 s (for warnings 3 s) say nothing: policies that age their queues even things
// out only then. Kernel threads are left out: to favour them is common and sound.
// - Error, inverted: at most of the pairs of weights of which one is twice the other's or more, the
//   lighter got more than twice what the heavier got per time.
// - Error, unequal: of tasks that are alike (of equal weight, name and control group: only their pids
//   and ages differ, which mean nothing) one got 4 times another's share. Of tasks of equal weight that
//   differ in name or group, 20 times: what a profile knows of them may favour some, but not without
//   bound (a slice of 50 ms against one of 4 ms is 12 times). Only of tasks that share a CPU: with a
//   queue per CPU, how many are in each is a matter of luck (warned of). And only where wake-ups are
//   fewer than half of the turns: who displaces others in a rhythm can cut every other turn short, under
//   first come first served too.
// - Warning: Jain's index over got ÷ ideal is below 0.85 (first come first served with weights; Jain,
//   Chiu and Hawe, DEC-TR-301, 1984), or a factor of 3 between equals.

import type { Check, Reading, RunEnd, Violation } from "./check.ts";
import type { Ledger, TaskRecord, Wait } from "./ledger.ts";
import { duration, percent, taskWords } from "./words.ts";

const bounds = {
  alike: 4,
  /** Of its runs on the CPUs that it uses, were they evenly spread: fewer on one are strays. */
  stray: 0.3,
  /** Wake-ups in the whole run for each turn of those that are compared. */
  wakes: 0.5,
  equals: { error: 20, warning: 3 },
  jain: 0.85,
  inverted: 2,
  pairs: 0.6,
} as const;
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
  /** What a policy may know it by, besides its weight. */
  likeness: string;
  /** How often it has run since, by CPU. */
  runsOn: Map<number, number>;
}

export class Unfairness implements Check {
  #accounts = new Map<number, Account>();
  #wakes = 0;
  #turns = 0;
  #ratio = { error: 0, warning: 0 };

  waitEnded(_now: number, _task: TaskRecord, wait: Wait): void {
    if (wait.woke) this.#wakes += 1;
  }

  running(_now: number, task: TaskRecord, cpu: number): void {
    const account = this.#accounts.get(task.id);
    if (account === undefined) return;
    if (account.llc !== task.set.llcOf(cpu)) account.roams = true;
    account.runsOn.set(cpu, (account.runsOn.get(cpu) ?? 0) + 1);
    this.#turns += 1;
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
          likeness: `${ledger.scenario.tasks[task.spec]?.cgroup} ${task.comm}`,
          runsOn: new Map(),
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
    const together = byCpu(fair);
    return [
      ...this.#inverted(long, grainNs, nowNs),
      ...this.#unequal(byWeight(fair), Number.POSITIVE_INFINITY, grainNs, nowNs),
      ...this.#unequal(together.flatMap(byWeight), bounds.equals.error, grainNs, nowNs),
      ...this.#unequal(together.flatMap(byLikeness), bounds.alike, grainNs, nowNs),
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

  #unequal(kinds: Kind[], bound: number, grainNs: number, nowNs: number): Violation[] {
    let worst: Violation[] = [];
    let worstFactor = 0;
    for (const { most, least } of kinds) {
      const [high, low] = [rateOf(most), rateOf(least)];
      if ((high - low) * Math.min(most.windowNs, least.windowNs) < grainNs) continue;
      const factor = high / Math.max(low, 1e-4);
      const long =
        Math.min(most.windowNs, least.windowNs) >= lastedNsMin.error &&
        this.#wakes < bounds.wakes * this.#turns;
      if (long) this.#ratio.error = Math.max(this.#ratio.error, factor / bound);
      this.#ratio.warning = Math.max(this.#ratio.warning, factor / bounds.equals.warning);
      if (factor < bounds.equals.warning || factor <= worstFactor) continue;
      worstFactor = factor;
      worst = [
        {
          rule: "unfairness",
          severity: long && factor >= bound ? "error" : "warning",
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

/** Part of a CPU. */
function rateOf({ gotNs, windowNs }: Account): number {
  return gotNs / windowNs;
}

/** Per CPU, those that it has its part in: strays do not count. */
function byCpu(group: Account[]): Account[][] {
  const members = new Map<number, Account[]>();
  for (const account of group) {
    const { runsOn } = account;
    const runs = [...runsOn.values()].reduce((sum, each) => sum + each, 0);
    for (const [cpu, here] of runsOn) {
      if (here < (bounds.stray * runs) / runsOn.size) continue;
      const there = members.get(cpu);
      if (there === undefined) members.set(cpu, [account]);
      else there.push(account);
    }
  }
  return [...members.values()];
}

function byWeight(group: Account[]): Kind[] {
  return kindsOf(partition(group, ({ weight }) => weight));
}

/** Of equal weight, name and control group. */
function byLikeness(group: Account[]): Kind[] {
  return kindsOf(partition(group, ({ weight, likeness }) => `${weight} ${likeness}`));
}

function partition<K>(group: Account[], keyOf: (account: Account) => K): Map<K, Account[]> {
  const parts = new Map<K, Account[]>();
  for (const account of group) {
    const key = keyOf(account);
    const part = parts.get(key);
    if (part === undefined) parts.set(key, [account]);
    else part.push(account);
  }
  return parts;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function kindsOf(parts: ReadonlyMap<unknown, Account[]>): Kind[] {
  return [...parts.values()].map((accounts) => {
    const gotNs = mean(accounts.map((each) => each.gotNs));
    const windowNs = mean(accounts.map((each) => each.windowNs));
    return {
      weight: accounts[0]?.weight ?? 0,
      rate: gotNs / windowNs,
      gotNs,
      windowNs,
      most: accounts.reduce((best, each) => (rateOf(each) > rateOf(best) ? each : best)),
      least: accounts.reduce((worst, each) => (rateOf(each) < rateOf(worst) ? each : worst)),
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
