// A policy that behaves otherwise from some moment on passes every test that ends before it. Differences of
// times (how long a task waited or slept) are ordinary; the time itself, or the time since the policy was
// started, is none of its business. Nor is how often it was called so far.

import { decidesTasks } from "../deciding.ts";
import { type BranchFact, isLoaded } from "../facts.ts";
import { isClock, partOfClock } from "../moments.ts";
import { dataSources, direction, type Origins, through, union } from "../origins.ts";
import { given, insertions } from "../queues.ts";
import { type Answer, type Evidence, type Found, found, type Rule, unknown } from "../rule.ts";
import { isCounter, isSetByTimer, isStartTime } from "../time-sources.ts";
import { opWords, sourceWords } from "../words.ts";

/** Fewer calls than this are a policy's warming up, or a limit on messages. */
const callsMin = 100n;

/** More context switches, and more CPU time, than any task of a test has: ten minutes. */
const switchesMin = 100_000n;
const cpuNsMin = 600_000_000_000n;
/** From here on it is arithmetic that is kept from overflowing: 32 bits; a year. */
const switchesMax = 0xffff_ffffn;
const cpuNsMax = 31_536_000_000_000_000n;

const hint =
  "Decide by differences of times that are taken anew for each task or round (time_delta(scx_bpf_now(), t->waiting_since)); a periodic job has to move its own due time on.";

export const absoluteTime: Rule = {
  id: "static/absolute-time",
  severity: "error",
  title: "behaviour changes at a moment, or after so many calls",
  rationale:
    "Seen on kernel 7.2: one that stopped dispatching only after 20 s ran on. No test is longer than a patient policy; so the clock may only be compared with what the policy notes anew.",
  check(evidence: Evidence): Answer {
    const findings: Found[] = [];
    let open: BranchFact | null = null;
    for (const branch of evidence.facts.branches.values()) {
      if (!branch.taken || !branch.falls || branch.left.region !== null) continue;
      const { op } = branch.activation;
      if (op === "exit" || op === "init" || op === "syscall" || op.startsWith("dump")) continue;
      const what = judge(evidence, branch);
      if (what === null) continue;
      if (what === "unknown") open ??= branch;
      else findings.push({ site: branch, message: `${opWords(branch)} ${what}`, hint });
    }
    if (findings.length > 0 || open === null) return found(findings);
    return unknown("what a part of the clock decides", open);
  },
};

function judge(evidence: Evidence, branch: BranchFact): string | null {
  const { left, right } = branch;
  const sources = dataOf(union(left.origins, through(right.origins, direction.falling)));
  const names = [...sources.keys()].filter((source) => !source.startsWith("knob:"));
  const clock = names.find(isClock);
  const others = names.filter((source) => !isClock(source) && source !== partOfClock);
  const bound = right.lo === right.hi ? right.lo : left.lo === left.hi ? left.lo : null;
  if (names.includes(partOfClock) && others.length === 0) {
    if (!decidesSomething(evidence, branch)) return "unknown";
    return `asks for the upper bits of the clock (${sourceWords(clock ?? partOfClock)}): it behaves otherwise from some moment on`;
  }
  if (clock !== undefined && others.length === 0) {
    // -1, and the like.
    const isNegative = bound !== null && bound >= (branch.wide ? 1n << 62n : 1n << 31n);
    if (bound === null || bound < 2n || isNegative) return null;
    if (sources.get(clock) === direction.unknown || !/[gl]/.test(branch.condition))
      return "unknown";
    return `compares the time itself (${sourceWords(clock)}) with a constant: it behaves otherwise from some moment on`;
  }
  if (others.length > 0 && others.every((source) => isStartTime(evidence, source))) {
    if (clock === undefined) return null;
    return `asks how long ago the policy was started (${others.map(sourceWords).join(", ")}): it behaves otherwise from some moment on`;
  }
  const [only] = others;
  if (only !== undefined && others.length === 1 && isSetByTimer(evidence, only)) {
    if (decidesSomething(evidence, branch))
      return `asks whether a timer has fired (${sourceWords(only)}): it behaves otherwise from that moment on`;
  }
  if (clock === undefined && only !== undefined && others.length === 1) {
    const isMany = bound !== null && bound >= callsMin && /[gl]/.test(branch.condition);
    const isGrown = isMany && isBeyondTests(only, bound) && isLoaded(branch, left);
    if (isGrown && decidesSomething(evidence, branch))
      return `asks whether a task has ever had so much (${sourceWords(only)}): it behaves otherwise from some moment on`;
    if (isMany && isCounter(evidence, only) && decidesSomething(evidence, branch))
      return `counts how often something happened (${sourceWords(only)}, never reset) and behaves otherwise after ${bound}`;
  }
  return null;
}

/** Whether no task of a test has so much of what the kernel only ever adds to, but some task can have. */
function isBeyondTests(source: string, bound: bigint): boolean {
  if (/^field:task_struct\.(nvcsw|nivcsw|sched_info\.pcount)$/.test(source))
    return bound >= switchesMin && bound < switchesMax;
  const isTime = /^field:task_struct\.(utime|stime|gtime|se\.(prev_)?sum_exec_runtime)$/.test(
    source,
  );
  return isTime && bound >= cpuNsMin && bound < cpuNsMax;
}

/** Without what only decided by branches. */
function dataOf(origins: Origins): Origins {
  return new Map([...origins].filter(([, way]) => way !== direction.control));
}

/** Whether tasks are put or taken under this condition, or it chooses what they are given. */
function decidesSomething(evidence: Evidence, branch: BranchFact): boolean {
  const asked = dataSources(union(branch.left.origins, branch.right.origins));
  return (
    decidesTasks(evidence, branch) ||
    insertions(evidence).some((inserting) =>
      given(inserting).some(({ origins }) =>
        asked.some((source) => origins.get(source) === direction.control),
      ),
    )
  );
}
