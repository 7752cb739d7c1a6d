// The fields of a task in a dump: `name=value`, in whichever lines a kernel puts them. Pure.

import type { DumpedTask } from "./exit-report.ts";

/** `sticky/holding_cpu=-1/-1 dsq_id=0x64 dsq_vtime=0 slice=5000000 weight=100` and its neighbours. */
export function takeFields(task: DumpedTask, line: string): void {
  for (const [, name, value = ""] of line.matchAll(/([a-z_/]{1,32})=(\S{1,2200})/g)) {
    if (name === "dsq_id") task.dsq = /^0x[0-9a-f]{1,16}$/.test(value) ? BigInt(value) : null;
    else if (name === "ops_state/qseq") task.ownedByPolicy = value.startsWith("2/");
    else if (name === "dsq_flags") task.byVtime = (Number.parseInt(value, 16) & 1) !== 0;
    else if (name === "dsq_vtime") task.vtime = wholeNumber(value);
    else if (name === "slice") task.slice = wholeNumber(value);
    else if (name === "weight") task.weight = Number(wholeNumber(value) ?? 0n);
    else if (name === "cpus") task.cpus = cpusOf(value);
  }
}

function wholeNumber(text: string): bigint | null {
  return /^\d{1,20}$/.test(text) ? BigInt(text) : null;
}

/** The kernel's %*pb: groups of 32 bits in hexadecimal, the highest first: `ff,ffffffff`. */
function cpusOf(text: string): number[] | null {
  if (!/^[0-9a-f]{1,8}(?:,[0-9a-f]{8}){0,255}$/.test(text)) return null;
  const cpus: number[] = [];
  const words = text.split(",").reverse();
  for (const [word, digits] of words.entries()) {
    const bits = Number.parseInt(digits, 16);
    for (let bit = 0; bit < 32; bit++) if ((bits >>> bit) & 1) cpus.push(word * 32 + bit);
  }
  return cpus;
}
