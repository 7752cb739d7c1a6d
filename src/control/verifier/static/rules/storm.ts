// Kicks are interrupts to other CPUs, timers run in interrupt context: neither may come without end.

import { type BranchFact, type CallFact, comparedOrigins, type Site } from "../facts.ts";
import { guardsOf } from "../guards.ts";
import { isQuiet, latchOf } from "../latches.ts";
import { isHashMap } from "../map-kinds.ts";
import { type Answer, type Evidence, type Found, found, type Rule } from "../rule.ts";
import { opWords } from "../words.ts";

/** A timer that comes more often than this takes a noticeable part of a CPU. */
export const timerNsMin = 100_000n;
/** As many as one timer that comes every microsecond. */
const timersPerSecondMax = 1_000_000n;
/** Less than a tick of the fastest usual kernel (HZ = 1000). */
const timerNsUsual = 1_000_000n;

export const storm: Rule = {
  id: "static/storm",
  severity: "error",
  title: "kicks or timers in a storm",
  rationale:
    "scx_bpf_kick_cpu() sends an interrupt and makes the CPU schedule; one in every tick(), dispatch() or running() begets the next. A timer below 100 µs takes a CPU for itself.",
  check(evidence: Evidence): Answer {
    const findings: Found[] = [];
    for (const call of evidence.calls) {
      if (call.name === "scx_bpf_kick_cpu") findings.push(...kick(evidence, call));
      else if (call.name === "bpf_timer_start") findings.push(...timer(evidence, call));
    }
    return found(findings);
  },
};

function kick(evidence: Evidence, call: CallFact): Found[] {
  const { op } = call.activation;
  const guards = guardsOf(evidence.facts, call);
  const deciding = guards.filter((guard) =>
    [...comparedOrigins(guard).keys()].some(
      (source) =>
        !isFormality(source) && !isTurn(evidence, guard, source) && !isSetAtStart(evidence, source),
    ),
  );
  const inLoop =
    guards.some((guard) =>
      [...guard.left.origins.keys()].some((source) => source.startsWith("iter:")),
    ) || isInCallback(call);
  if (inLoop && hasFlag(evidence, call, "SCX_KICK_WAIT", 4n) && op !== "timer")
    return [
      {
        site: call,
        message: `${opWords(call)} kicks CPU after CPU and waits for each (SCX_KICK_WAIT)`,
        hint: "Leave SCX_KICK_WAIT out: whoever kicks need not wait for the CPU to schedule.",
      },
    ];
  if (deciding.length > 0) return [];
  const always = /^(tick|dispatch|running|stopping|update_idle)$/.test(op);
  const preempts = isPreempting(evidence, call) && /^(enqueue|select_cpu|runnable)$/.test(op);
  if (!always && !preempts && !(inLoop && op !== "timer")) return [];
  const why = inLoop
    ? "kicks CPU after CPU in a loop, every time"
    : preempts
      ? "preempts a CPU for every task that comes, whatever runs there"
      : "kicks a CPU every time it is called";
  return [
    {
      site: call,
      message: `${opWords(call)} ${why}: a storm of interrupts`,
      hint: "Kick only an idle CPU (scx_bpf_pick_idle_cpu(), SCX_KICK_IDLE), or one that runs something clearly less urgent.",
    },
  ];
}

/** Conditions that are true in ordinary operation. */
function isFormality(source: string): boolean {
  return /^(storage|lookup|key|iter|knob|kconfig):|^arg:\w+\.(cpu|prev)$|^call:(scx_bpf_nr_cpu_ids|bpf_get_smp_processor_id|scx_bpf_task_cpu)$/.test(
    source,
  );
}

/** Every second time, say: as often as there are bits of a counter's own. */
function isTurn(evidence: Evidence, { left }: BranchFact, source: string): boolean {
  const isFew = left.region === null && left.hi < 16n;
  return isFew && source.startsWith("cell:") && latchOf(evidence, source)?.kind === "counter";
}

/** The number of CPUs, say. */
function isSetAtStart({ data }: Evidence, source: string): boolean {
  return (
    source.startsWith("cell:") &&
    data.storesOf(source).every(({ activation }) => isQuiet(activation.op))
  );
}

function isInCallback(site: Site): boolean {
  for (let at = site.activation; at.caller !== null; at = at.caller)
    if (at.rounds > 1n) return true;
  return false;
}

function isPreempting(evidence: Evidence, call: CallFact): boolean {
  return hasFlag(evidence, call, "SCX_KICK_PREEMPT", 2n);
}

function hasFlag({ types }: Evidence, call: CallFact, name: string, usual: bigint): boolean {
  const flag = types.enumerator("scx_kick_flags", name) ?? usual;
  const flags = call.args[1];
  return flags?.region === null && (flags.lo & flag) !== 0n;
}

function timer({ object }: Evidence, call: CallFact): Found[] {
  const [of, period] = call.args;
  // Started anew from its own callback: periodic. From elsewhere it runs once for each call.
  if (period === undefined || period.region !== null || call.activation.op !== "timer") return [];
  const least = period.set?.[0] ?? (period.lo === period.hi ? period.lo : null);
  if (least === null) return [];
  const map = of?.region?.kind === "map-value" ? object.maps[of.region.map] : undefined;
  const timers = map !== undefined && isHashMap(map.type) ? BigInt(map.maxEntries) : 1n;
  if (timers * 1_000_000_000n > timersPerSecondMax * least && timers > 1n)
    return [
      {
        site: call,
        message: `up to ${timers} timers, one for each entry of ${map?.name}, start themselves again after ${least} ns each`,
        hint: "Use one timer for all, in an array of one entry, with a period of milliseconds.",
      },
    ];
  if (least >= timerNsUsual) return [];
  return [
    {
      site: call,
      severity: least < timerNsMin ? "error" : "warning",
      message: `a timer starts itself again after ${least} ns: its interrupts take a CPU's time without end`,
      hint: "Use a period of milliseconds, or do the work in dispatch().",
    },
  ];
}
