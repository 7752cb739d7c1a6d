// A slice without an end is a CPU that nobody else gets: the kernel never takes it away
// (update_curr_scx() in kernel/sched/ext/ext.c leaves SCX_SLICE_INF alone).

import type { Site } from "../facts.ts";
import { type Answer, type Evidence, type Found, found, type Rule, unknown } from "../rule.ts";
import { slices } from "../slices.ts";
import type { Value } from "../value.ts";
import { milliseconds, opWords } from "../words.ts";

/** Six tasks with such slices on one CPU reach the watchdog's 30 s. */
export const sliceNsMax = 5_000_000_000n;

export const sliceUnbounded: Rule = {
  id: "static/slice-unbounded",
  severity: "error",
  title: "a slice is infinite or longer than 5 s",
  rationale:
    "Seen on kernel 7.2: infinite slices ran on until the watchdog, 31 s later. Six tasks with slices of 5 s on one CPU take the watchdog's whole 30 s for a round.",
  standsAlone: true,
  check(evidence: Evidence): Answer {
    const findings: Found[] = [];
    let open: Site | null = null;
    for (const { site, slice } of slices(evidence)) {
      if (slice.region !== null) continue;
      const long = longOf(slice) ?? kept(evidence, slice);
      if (long === null) {
        if (slice.hi >= sliceNsMax) open ??= site;
        continue;
      }
      const length = long >= 1n << 62n ? "infinite (SCX_SLICE_INF)" : `${milliseconds(long)} long`;
      findings.push({
        site,
        message: `${opWords(site)} gives a slice that is ${length}: whoever has it keeps the CPU from all others`,
        hint: "Give a slice of milliseconds: SCX_SLICE_DFL (20 ms), or a knob with a maximum; bound a computed one with min().",
      });
    }
    if (findings.length > 0 || open === null) return found(findings);
    return unknown("how long a computed slice can get", open);
  },
};

/** One that is certainly possible; null: none is seen. */
function longOf({ region, set, lo }: Value): bigint | null {
  if (region !== null) return null;
  return set?.find((each) => each >= sliceNsMax) ?? (lo >= sliceNsMax ? lo : null);
}

/** Of a slice that is read as it was stored in the policy's own memory. */
function kept({ data }: Evidence, slice: Value): bigint | null {
  const [source] = slice.origins.keys();
  const isPlain = slice.origins.size === 1 && slice.lo === 0n && slice.hi === 2n ** 64n - 1n;
  if (source === undefined || !isPlain || !source.startsWith("cell:")) return null;
  for (const { value } of data.storesOf(source)) {
    const long = longOf(value);
    if (long !== null) return long;
  }
  return null;
}
