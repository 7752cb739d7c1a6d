// Strict priority: a DSQ from which tasks are only taken when another is empty. Whoever stays in the first
// keeps the second waiting for ever. Harmless only where something moves old tasks up (ageing).

import { type CallFact, comparedOrigins, siteKey } from "../facts.ts";
import { guardsOf } from "../guards.ts";
import type { Origins } from "../origins.ts";
import { type Draining, drains, insertions, isOwn, moves, overlap } from "../queues.ts";
import {
  type Answer,
  type Evidence,
  type Found,
  fine,
  found,
  type Rule,
  unknown,
} from "../rule.ts";
import { constant, type Value } from "../value.ts";
import { isWeight } from "../weight-sources.ts";
import { sourceWords } from "../words.ts";

const hint =
  "Let tasks age: move those that have waited long out of the lower DSQ (bpf_for_each(scx_dsq, …) with scx_bpf_dsq_move()), take every n-th turn from it first, or order one DSQ by vtime.";

export const strictPriority: Rule = {
  id: "static/strict-priority",
  severity: "error",
  title: "a DSQ is served only when another is empty, and nothing ages",
  rationale:
    "Seen on kernel 7.2: strict priority starved nice-19 tasks to 8 ms of CPU while the kernel's verifier and watchdog saw nothing. An error where a lasting property (weight, name, flags) chooses the DSQ; else not decided.",
  check(evidence: Evidence): Answer {
    const below = behindOthers(evidence);
    if (below === null) return fine;
    const chosen = chosenBy(evidence, below.higher, below.lower);
    const lasting = [...chosen.keys()].filter(isLasting);
    const passing = [...chosen.keys()].filter(isPassing);
    if (lasting.length === 0 || passing.length > 0)
      return unknown(
        "whether tasks of the DSQ that is served first can keep it filled",
        below.lower.call,
      );
    const isWeak = lasting.every((source) => /\.flags$|nr_cpus_allowed$/.test(source));
    const finding: Found = {
      site: below.lower.call,
      message: `tasks here get a CPU only when the DSQ before it is empty; ${sourceWords(lasting[0] ?? "")} decides who is in which, so those in the first can keep these waiting for ever`,
      hint,
    };
    return found([isWeak ? { ...finding, severity: "warning" } : finding]);
  },
};

interface Pair {
  higher: Draining;
  lower: Draining;
}

/** Two DSQs of which one is always tried first, and the other only where that was empty. */
function behindOthers(evidence: Evidence): Pair | null {
  const all = drains(evidence).filter(
    ({ call, dsq }) => call.activation.op === "dispatch" && isOwn(dsq),
  );
  // Something puts old tasks elsewhere, or takes them in another order.
  if (moves(evidence).length > 0) return null;
  const merged = all.length === 1 && all[0] !== undefined ? asOneCall(evidence, all[0]) : null;
  if (merged !== null) return merged;
  for (const lower of all) {
    for (const higher of all) {
      if (!isAfter(evidence, lower.call, higher)) continue;
      if (lower === higher) {
        if (isLevels(lower)) return { higher, lower };
        continue;
      }
      if (overlap(higher.dsq, lower.dsq) || lower.dsq.set === null || higher.dsq.set === null)
        continue;
      const others = all.filter(({ call, dsq }) => call !== lower.call && overlap(dsq, lower.dsq));
      if (others.some(({ call }) => !isAfter(evidence, call, higher))) continue;
      if (hasQuota(evidence, higher.call)) continue;
      return { higher, lower };
    }
  }
  return null;
}

/** The compiler has made one call of both: which DSQ it takes from depends on the length of one alone. */
function asOneCall({ facts, calls }: Evidence, { call, dsq }: Draining): Pair | null {
  const [source, other] = dsq.origins.keys();
  if (dsq.set?.length !== 2 || source === undefined || other !== undefined) return null;
  const length = calls.find((each) => `call:${each.name}@${siteKey(each)}` === source);
  const first = length?.name === "scx_bpf_dsq_nr_queued" ? length.args[0]?.lo : undefined;
  const second = dsq.set.find((each) => each !== first);
  if (first === undefined || second === undefined || !dsq.set.includes(first)) return null;
  const isForAny = [...facts.branches.values()].some(
    ({ left, right }) => left.origins.has(source) && right.lo === right.hi && right.hi <= 1n,
  );
  if (!isForAny) return null;
  return { higher: { call, dsq: constant(first) }, lower: { call, dsq: constant(second) } };
}

/** One call in a loop from the first DSQ up. */
function isLevels({ dsq }: Draining): boolean {
  const sources = [...dsq.origins.keys()];
  return (
    dsq.lo !== dsq.hi &&
    dsq.hi - dsq.lo < 64n &&
    sources.length > 0 &&
    sources.every((source) => source.startsWith("iter:") || source.startsWith("knob:"))
  );
}

/** Whether a call is only made where the first DSQ had nothing for the CPU, or nothing at all. */
function isAfter(
  { facts, calls }: Evidence,
  call: CallFact,
  { call: first, dsq }: Draining,
): boolean {
  const lengths = calls.filter(
    ({ name, args: [of] }) =>
      name === "scx_bpf_dsq_nr_queued" && of !== undefined && isSame(of, dsq),
  );
  const sources = [first, ...lengths].map((each) => `call:${each.name}@${siteKey(each)}`);
  return guardsOf(facts, call).some(({ left, right }) => {
    // A length that is compared with another's is a choice, and no strict order.
    const isPlain = left.origins.size === 1 && right.lo === right.hi && right.hi <= 1n;
    return sources.some(
      (source, index) =>
        (left.origins.has(source) || right.origins.has(source)) && (index === 0 || isPlain),
    );
  });
}

function isSame(a: Value, b: Value): boolean {
  return a.region === null && a.lo === a.hi && a.lo === b.lo && b.lo === b.hi;
}

/** Whether more than the outcome of other tries decides if the first is tried at all. */
function hasQuota({ facts }: Evidence, call: CallFact): boolean {
  return guardsOf(facts, call).some((guard) =>
    [...comparedOrigins(guard).keys()].some(
      (source) =>
        source.startsWith("cell:") ||
        source.startsWith("lookup:") ||
        source.startsWith("call:scx_bpf_now") ||
        source.startsWith("call:bpf_ktime"),
    ),
  );
}

/** What decides in which of the two a task is put. */
function chosenBy(evidence: Evidence, higher: Draining, lower: Draining): Origins {
  const { facts, control } = evidence;
  const found = new Map<string, 0 | 1 | -1 | 2>();
  for (const { call, dsq } of insertions(evidence)) {
    if (call.activation.op !== "enqueue" || !isOwn(dsq)) continue;
    if (!overlap(dsq, higher.dsq) && !overlap(dsq, lower.dsq)) continue;
    const asked = [dsq.origins, ...guardsOf(facts, call).map(comparedOrigins)];
    for (const origins of asked)
      for (const [source, way] of control.resolve(origins)) found.set(source, way);
  }
  return found;
}

/** What stays as it is while a task runs and waits. */
function isLasting(source: string): boolean {
  return (
    isWeight(source) ||
    /^field:task_struct\.(pid|tgid|comm|policy|flags|nr_cpus_allowed|mm)$/.test(source) ||
    /^lookup:hints$|^field:kernfs_node\.id$|^field:(cgroup|css_set|task_group)\./.test(source)
  );
}

/** What changes with what the task does, or with time. */
function isPassing(source: string): boolean {
  return (
    /^arg:enqueue\.enq_flags$|^call:(scx_bpf_now|bpf_ktime|scx_bpf_dsq_nr_queued|bpf_get_prandom)/.test(
      source,
    ) ||
    /^field:task_struct\.(se\.sum_exec_runtime|nvcsw|nivcsw|scx\.slice|scx\.dsq_vtime|utime)/.test(
      source,
    )
  );
}
