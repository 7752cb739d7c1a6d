// Sleepers beside hogs: how long after its timer a task that sleeps most of the time gets a CPU, by its
// own clock.

import type { Finding } from "../../../../contract/verdict.ts";
import { percentile } from "../../../deployment/statistics.ts";
import { stuckSince } from "../progress.ts";
import { feeding } from "../starvation.ts";
import { starvedFinding } from "../starved-finding.ts";
import { plainTrial, type Trial, type TrialRecord } from "../trial.ts";
import { hog, trialWorkload } from "../trial-workload.ts";
import { starvedMsMax } from "./fair-share.ts";

const hogs = ["hog-a", "hog-b", "hog-c"];
const sleepMs = 20;
const sampledMs = 700;
/** Hogs wait for this file: a program that starts beside them takes seconds to come to the point. */
const startFile = "start";
const startMs = 150;
/**
 * Median delay beyond which it is a warning, ms. First come first served with slices of 20 ms and three
 * hogs on two CPUs makes 20 to 30; slices of 200 ms, which suit batch work, make 100 and more. Under
 * emulation some 3 to 12 were seen with good policies, and 20 with a busy host.
 */
export const delayMsMax = 100;

/** perl's own `syscall`: clock_gettime(CLOCK_MONOTONIC) is 228 on x86-64; the image has no Time::HiRes. */
const program = [
  "$|=1; my $t=pack(q(qq),0,0);",
  "sub now{syscall(228,1,$t);my($s,$n)=unpack(q(qq),$t);$s*1000+$n/1e6}",
  `open(my $start,q(>),q(${startFile}));close($start);select(undef,undef,undef,${startMs / 1000});`,
  `my $end=now()+${sampledMs};`,
  `while(now()<$end){my $at=now();select(undef,undef,undef,${sleepMs / 1000});`,
  `printf qq(%.1f\\n),now()-$at-${sleepMs}}`,
].join(" ");

const waitingHog = `until [ -e ${startFile} ]; do sleep 0.1; done; ${hog}`;

export const wakeLatency: Trial = {
  ...plainTrial,
  id: "wake-latency",
  title: "a sleeper beside hogs",
  workload: trialWorkload("wake-latency", [
    ...hogs.map((name) => ({ name, command: waitingHog, background: true })),
    { name: "sleeper", command: `exec perl -e '${program}'` },
  ]),
  outputOf: ["sleeper"],
  // It ends by itself when the sleeper does.
  windowMs: { min: 1000, max: starvedMsMax },
  enough: (observations) => feeding(observations, hogs).state === "starved",
  judge,
};

function judge({ observations, report }: TrialRecord): Finding[] {
  const { hungry } = feeding(observations, hogs);
  if (hungry.length > 0) return [starvedFinding(hungry, observations)];
  const isOver = report?.outcome === "done" && report.tasks.length > 0;
  if (!isOver) {
    // It did not come to its end. On a busy host that may be so; but it must get on.
    const sinceMs = (observations.at(-1)?.atMs ?? 0) / 2;
    const stuck = stuckSince(observations, ["sleeper"], sinceMs);
    return stuck.length === 0 ? [] : [starvedFinding(stuck, observations, sinceMs)];
  }
  const median = medianDelayMs(report.output.sleeper?.[0] ?? "");
  if (median === null || median <= delayMsMax) return [];
  return [
    {
      rule: "exercise/wake-latency",
      severity: "warning",
      message: `a task that sleeps most of the time waits ${Math.round(median)} ms (median) for a CPU when it wakes beside ${hogs.length} hogs`,
      hint: "Let tasks that slept go first (an earlier virtual time or deadline, bounded), and kick a CPU or set its task's slice to 0 when such a one wakes; or use shorter slices.",
    },
  ];
}

/** The task's own words: numbers or nothing. Null where it says too little. */
export function medianDelayMs(output: string): number | null {
  const delays = output
    .split("\n")
    .filter((line) => /^-?\d{1,8}\.\d$/.test(line))
    .map(Number);
  return delays.length < 3 ? null : percentile(delays, 0.5);
}
