// Kicks are interrupts to other CPUs, timers run in interrupt context: neither may come without end.

import { type CallFact, comparedOrigins, type Site } from "../facts.ts";
import { guardsOf } from "../guards.ts";
import { type Answer, type Evidence, type Found, found, type Rule } from "../rule.ts";
import { opWords } from "../words.ts";

/** A timer that comes more often than this takes a noticeable part of a CPU. */
export const timerNsMin = 100_000n;
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
      else if (call.name === "bpf_timer_start") findings.push(...timer(call));
    }
    return found(findings);
  },
};

function kick(evidence: Evidence, call: CallFact): Found[] {
  const { op } = call.activation;
  const guards = guardsOf(evidence.facts, call);
  const deciding = guards.filter((guard) =>
    [...comparedOrigins(guard).keys()].some((source) => !isFormality(source)),
  );
  if (deciding.length > 0) return [];
  const inLoop =
    guards.some((guard) =>
      [...guard.left.origins.keys()].some((source) => source.startsWith("iter:")),
    ) || isInCallback(call);
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
  return /^(storage|lookup|iter|knob|kconfig):|^arg:\w+\.(cpu|prev)$|^call:(scx_bpf_nr_cpu_ids|bpf_get_smp_processor_id|scx_bpf_task_cpu)$/.test(
    source,
  );
}

function isInCallback(site: Site): boolean {
  for (let at = site.activation; at.caller !== null; at = at.caller)
    if (at.rounds > 1n) return true;
  return false;
}

function isPreempting({ types }: Evidence, call: CallFact): boolean {
  const flag = types.enumerator("scx_kick_flags", "SCX_KICK_PREEMPT") ?? 2n;
  const flags = call.args[1];
  return flags?.region === null && (flags.lo & flag) !== 0n;
}

function timer(call: CallFact): Found[] {
  const period = call.args[1];
  if (period === undefined || period.region !== null || period.lo >= timerNsUsual) return [];
  // Started anew from its own callback: periodic. From elsewhere it runs once for each call.
  if (call.activation.op !== "timer") return [];
  const least = period.set?.[0] ?? (period.lo === period.hi ? period.lo : null);
  if (least === null) return [];
  return [
    {
      site: call,
      severity: least < timerNsMin ? "error" : "warning",
      message: `a timer starts itself again after ${least} ns: its interrupts take a CPU's time without end`,
      hint: "Use a period of milliseconds, or do the work in dispatch().",
    },
  ];
}
