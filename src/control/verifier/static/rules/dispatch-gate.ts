// dispatch() is asked when a CPU has nothing to run. That it gives nothing has to come from the queues, from
// the CPU or from the task that just ran; a flag, a count or a clock that stops it stops the machine.

import { cellOf } from "../cell.ts";
import { isInsert, isMove, isMoveToLocal } from "../dsq-calls.ts";
import { type BranchFact, type CallFact, comparedOrigins, isLoaded, siteKey } from "../facts.ts";
import { isChance, isMachine } from "../foreign.ts";
import { type Gate, gatesOf } from "../gates.ts";
import { guardsOf, innerGuards } from "../guards.ts";
import { isIdentity, isUnrelated } from "../identities.ts";
import { askedKeys, isDrifting, isOrdinaryIndex } from "../keys.ts";
import { isQuiet, latchOf } from "../latches.ts";
import { arrayUsual, cpusMax, ordinaryCpus } from "../memory.ts";
import { isClock, isClockCall } from "../moments.ts";
import { dataSources, type Origins } from "../origins.ts";
import { insertions, isOwn, moves, overlap } from "../queues.ts";
import { type Answer, type Evidence, type Found, fine, found, type Rule } from "../rule.ts";
import { isShared } from "../time-sources.ts";
import type { Value } from "../value.ts";
import { sourceWords } from "../words.ts";

/** Fewer tasks than this wait in every test. */
const lengthMin = 128n;

const hint =
  "Let every path of dispatch() try the queues: scx_bpf_dsq_move_to_local() costs nothing where they are empty. Return early only by what the queues hold, by the CPU, or by the task that just ran.";

export const dispatchGate: Rule = {
  id: "static/dispatch-gate",
  severity: "error",
  title: "dispatch() gives nothing for a reason that is none of the queues'",
  rationale:
    "balance_one() asks ops.dispatch() where a CPU would idle; tasks that wait then go on waiting. Seen on kernel 7.2: one that stopped dispatching after 20 s ran on until the watchdog.",
  check(evidence: Evidence): Answer {
    const wanted = useful(evidence);
    if (wanted === null) return fine;
    const findings: Found[] = [];
    for (const gate of gatesOf(evidence.facts, "dispatch", wanted)) {
      const reason = judge(evidence, gate);
      if (reason === null) continue;
      const { severity, why } = reason;
      const message = `dispatch() gives the CPU nothing where ${why}, though tasks may wait`;
      findings.push({ site: gate.branch, message, hint, severity });
    }
    return found(findings);
  },
};

/** Calls that take something out of a queue which is ever filled; null: the policy has none. */
function useful(evidence: Evidence): ((call: CallFact) => boolean) | null {
  const filled: Value[] = [
    ...insertions(evidence).map(({ dsq }) => dsq),
    ...moves(evidence).map(({ to }) => to),
  ].filter((dsq) => isOwn(dsq) || dsq.set === null);
  const froms = new Map(moves(evidence).map(({ call, from }) => [siteKey(call), from]));
  const isFilled = (dsq: Value | undefined): boolean =>
    dsq === undefined || filled.some((each) => overlap(each, dsq));
  const wanted = (call: CallFact): boolean => {
    if (isInsert(call.name)) return true;
    if (isMoveToLocal(call.name)) return isFilled(call.args[0]);
    return isMove(call.name) && isFilled(froms.get(siteKey(call)));
  };
  const isAny = evidence.calls.some((call) => call.activation.op === "dispatch" && wanted(call));
  return isAny ? wanted : null;
}

interface Reason {
  readonly severity: "error" | "warning";
  readonly why: string;
  /** A number that is only set when the policy starts. */
  readonly isOfStart?: true;
}

function error(why: string): Reason {
  return { severity: "error", why };
}

function judge(evidence: Evidence, gate: Gate): Reason | null {
  const { branch } = gate;
  const asked = comparedOrigins(branch);
  if (branch.left.region !== null || branch.right.region !== null)
    return byPointer(evidence, asked);
  if ([...asked.keys()].some(isQueue)) return byLength(evidence, gate, asked);
  const own = byNumber(evidence, branch);
  if (own !== null) return own;
  // What decides whether it is asked at all decides as much as what is asked.
  for (const guard of guardsOf(evidence.facts, branch)) {
    if (guard.left.region !== null || [...comparedOrigins(guard).keys()].some(isQueue)) continue;
    const reason = byNumber(evidence, guard);
    if (reason?.severity === "error") return reason;
  }
  return null;
}

/** Whether a number is set at all, or as large as an array. */
function isCheck(branch: BranchFact): boolean {
  const { left, right, condition } = branch;
  if (right.lo !== right.hi || !isLoaded(branch, left)) return false;
  const isOne = right.lo <= 1n || (right.lo === 2n && /^s?(lt|ge)$/.test(condition));
  return isOne || right.lo >= arrayUsual;
}

/** What queues hold, and what an attempt to take from one gave. */
function isQueue(source: string): boolean {
  return /^call:(scx_bpf_dsq_|scx_bpf_dispatch_nr_slots|scx_bpf_consume|bpf_iter_scx_dsq|bpf_map_(pop|peek)|bpf_(list|rbtree)_|bpf_kptr_xchg)|^cell:heap/.test(
    source,
  );
}

/** A look-up that finds nothing, the end of a loop, no task before. */
function byPointer(evidence: Evidence, asked: Origins): Reason | null {
  for (const { place, source } of askedKeys(asked)) {
    const entries = BigInt(
      evidence.object.maps.find(({ name }) => name === place)?.maxEntries ?? 0,
    );
    if (source === "arg:dispatch.cpu" && entries < arrayUsual)
      return {
        severity: entries < ordinaryCpus ? "error" : "warning",
        why: `${place}, of ${entries} entries, has none for its number`,
      };
    if (isOrdinaryIndex(source)) continue;
    if (isDrifting(source) || isMachine(source))
      return error(`${place} has no entry for ${sourceWords(source)}`);
  }
  // A loop's bound: it may not go round at all.
  const bound = [...asked.keys()].find((source) => isClock(source) || isChance(source));
  return bound === undefined ? null : error(`${sourceWords(bound)} says so`);
}

/** Only a queue that is empty is a reason; that many wait is none. */
function byLength({ calls }: Evidence, gate: Gate, asked: Origins): Reason | null {
  const [source, other] = asked.keys();
  if (source === undefined || other !== undefined) return null;
  const length = calls.find(
    (call) =>
      call.name === "scx_bpf_dsq_nr_queued" && source === `call:${call.name}@${siteKey(call)}`,
  );
  const dsq = length?.args[0];
  if (dsq === undefined || !isOwn(dsq)) return null;
  const { condition, right } = gate.branch;
  const isMore = /^s?g/.test(condition) === gate.without && /[gl]/.test(condition);
  if (!isMore || right.lo !== right.hi || right.lo < lengthMin) return null;
  return error(`more than ${right.lo} tasks or so wait in a queue`);
}

function byNumber(evidence: Evidence, branch: BranchFact): Reason | null {
  const asked = comparedOrigins(branch);
  const all = [...asked.keys()];
  const sources = dataSources(asked).filter((source) => !source.startsWith("knob:"));
  const isBound = sources.some((source) => source === "arg:dispatch.cpu");
  for (const source of all) {
    if (isChance(source)) return error(`${sourceWords(source)} says so`);
    if (isMachine(source) && !isBound && !isOfCpu(all))
      return error(`${sourceWords(source)} says so, which tells one machine from another`);
  }
  const [only] = sources;
  const prev = sources.find((source) => isUnrelated(source) || isIdentity(source));
  if (prev !== undefined && sources.length === 1)
    return error(`${sourceWords(prev)} of the task that just ran says so`);
  const clock = all.find(isClockCall);
  if (clock !== undefined)
    return { severity: "warning", why: `${sourceWords(clock)} says so: CPUs idle meanwhile` };
  if (only === undefined || sources.length > 1 || !isShared(evidence, only)) return null;
  const reason = byPlace(evidence, only);
  return reason?.isOfStart && isCheck(branch) ? null : reason;
}

/** Whether the CPU that asks has a say: masks of CPUs, and numbers that are compared with its own. */
function isOfCpu(sources: readonly string[]): boolean {
  return sources.some((source) =>
    /^iter:|^arg:dispatch\.(cpu|prev)$|^call:(bpf_cpumask_(test_cpu|first|any|next)|bpf_get_smp_processor_id|scx_bpf_task_cpu|scx_bpf_test_and_clear)/.test(
      source,
    ),
  );
}

/** A flag or number of the policy's own. */
function byPlace(evidence: Evidence, source: string): Reason | null {
  const { data, control, facts } = evidence;
  const stores = data
    .storesTo(cellOf(source.slice(5)))
    .filter(({ activation }) => !isQuiet(activation.op));
  const name = sourceWords(source);
  if (stores.length === 0) {
    const machine = [...data.resolve(new Map([[source, 1]])).keys()].find(isMachine);
    if (machine === undefined) return null;
    const why = `${name}, made of ${sourceWords(machine)}, says so: it tells machines apart`;
    // The number of CPUs as it is, or bounded.
    const isPlain = data
      .storesOf(source)
      .every(({ value }) => value.set !== null || (value.lo >= 1n && value.hi <= cpusMax));
    return isPlain ? { ...error(why), isOfStart: true } : error(why);
  }
  // static/one-way says that.
  if (latchOf(evidence, source) !== null) return null;
  const made = [...control.resolve(new Map([[source, 1]])).keys()];
  const near = stores.flatMap((store) => [
    ...store.value.origins.keys(),
    ...innerGuards(facts, store).flatMap((guard) => [...comparedOrigins(guard).keys()]),
  ]);
  const strange = near.find(
    (each) => isChance(each) || isUnrelated(each) || isIdentity(each) || isMachine(each),
  );
  // Of an array it is not known which element holds what.
  const isOne = stores.every(({ cell }) => cell.offset !== null);
  if (strange !== undefined && isOne)
    return error(`${name} says so, which ${sourceWords(strange)} decides`);
  const isSelfMade = made.every(
    (each) => each === source || /^(knob|lookup|key|index):/.test(each),
  );
  if (isSelfMade && isOne)
    return error(`${name} says so, a number that the policy makes of itself`);
  return { severity: "warning", why: `${name} says so, a flag or number of its own` };
}
