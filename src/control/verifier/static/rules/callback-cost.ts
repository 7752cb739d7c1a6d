// Callbacks run with the run queue locked and interrupts off, those of a dump in the watchdog's way, those
// of the end in the way of the default scheduler; the kernel does not bound their time.

import { costOf, endlessLoops } from "../callback-cost.ts";
import { hotOps } from "../op-parameters.ts";
import { type Answer, type Evidence, type Found, found, type Rule } from "../rule.ts";
import { opWords } from "../words.ts";

/** At about 1 ns each, 10 ms: half a default slice in which the CPU does nothing else. */
export const instructionsMax = 10_000_000n;

/** init() may take its time: a second. */
const initInstructionsMax = 1_000_000_000n;

export const callbackCost: Rule = {
  id: "static/callback-cost",
  severity: "error",
  title: "one callback can execute more than 10 million instructions",
  rationale:
    "Seen on kernel 7.2: the kernel does not bound callback time; bpf_loop of 8 million rounds in enqueue() froze a guest for 9 s without ejection.",
  check(evidence: Evidence): Answer {
    const { facts } = evidence;
    const findings: Found[] = [];
    for (const activation of [...facts.activations.values()]) {
      if (activation.caller !== null) continue;
      const { instructions, largest, rounds, isCertain } = costOf(evidence, activation);
      const most = activation.op === "init" ? initInstructionsMax : instructionsMax;
      if (instructions < most || largest === null) continue;
      findings.push({
        site: largest,
        severity: isCertain ? "error" : "warning",
        message: `${opWords(largest)} can go ${rounds} rounds of loops here, about ${millions(instructions)} million instructions in one call: the CPU does nothing else meanwhile`,
        hint: "Bound loops by something small (the number of CPUs, a few dozen tasks), don't nest loops over CPUs or tasks, and spread work over several calls.",
      });
    }
    for (const call of endlessLoops(evidence)) {
      if (!hotOps.has(call.activation.op)) continue;
      const isOfAll = /^bpf_iter_(css_)?task/.test(call.name);
      findings.push({
        site: call,
        severity: isOfAll ? "error" : "warning",
        message: `${opWords(call)} goes over ${isOfAll ? "all tasks of the machine or a cgroup" : "all that wait in a queue"}: the more there are, the longer the CPU does nothing else`,
        hint: "End the loop after a few dozen rounds: bpf_for(i, 0, 64) around bpf_iter_scx_dsq_next(), or a count that breaks it; keep what is asked for all tasks up to date as they come and go.",
      });
    }
    return found(findings);
  },
};

function millions(instructions: bigint): string {
  return (instructions / 1_000_000n).toString();
}
