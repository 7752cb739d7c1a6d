// Sources and values in words, for messages.

import type { Facts, Site } from "./facts.ts";
import { type Origins, sourcesOf } from "./origins.ts";

export function sourceWords(source: string): string {
  const at = source.indexOf(":");
  const name = source.slice(at + 1).replace(/@.*$/, "");
  switch (source.slice(0, at)) {
    case "field":
      return name.replace(/^task_struct\./, "p->");
    case "call":
      return `${name}()`;
    case "arg":
      return `the argument ${name.replace(/^.*\./, "")}`;
    case "cell":
      return name.replace(/(\+\d+|\[\])$/, "");
    case "knob":
      return `the knob ${name}`;
    case "lookup":
    case "storage":
      return `the look-up in ${name}`;
    case "iter":
      return "a loop's number";
    case "key":
    case "index":
      return sourceWords(name.slice(name.lastIndexOf("|") + 1));
    case "part":
      return "the upper bits of the clock";
    case "elapsed":
      return "a difference of times";
    case "address":
      return "the address of a kernel object";
    case "ksym":
      return `the kernel's ${name}`;
    case "kconfig":
      return "the kernel's configuration";
    default:
      return source;
  }
}

/** "p->pid and scx_bpf_now()" */
export function originWords(origins: Origins, max = 3): string {
  const all = [...new Set([...sourcesOf(origins).keys()].map(sourceWords))];
  const shown = all.slice(0, max);
  if (shown.length === 0) return "a constant";
  const last = shown.pop() ?? "";
  return shown.length === 0 ? last : `${shown.join(", ")} and ${last}`;
}

export function milliseconds(ns: bigint): string {
  return ns >= 1_000_000_000n ? `${Number(ns / 1_000_000n) / 1000} s` : `${Number(ns) / 1e6} ms`;
}

/** "enqueue()" */
export function opWords({ activation }: Site): string {
  return activation.op === "timer" ? "a timer's callback" : `${activation.op}()`;
}

/** The beginning of an op, as a place for findings. */
export function startOf(facts: Facts, op: string): Site | null {
  const activation = facts.activations.get(op);
  return activation === undefined ? null : { activation, instruction: 0 };
}
