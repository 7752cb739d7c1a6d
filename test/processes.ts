// Processes by /proc, for tests of what is left when another one ends.

import { readdirSync, readFileSync } from "node:fs";

/** Processes below this one. */
export function descendants(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (/^\d+$/.test(name)) parents.set(Number(name), parentOf(Number(name)));
  }
  const below = (one: number): number[] =>
    [...parents].filter(([, parent]) => parent === one).flatMap(([each]) => [each, ...below(each)]);
  return below(pid);
}

export function isAlive(pid: number): boolean {
  return parentOf(pid) !== 0;
}

/** Its arguments, separated by spaces; empty where it is gone. */
export function commandOf(pid: number): string {
  return procFile(pid, "cmdline")?.replaceAll("\0", " ") ?? "";
}

/** 0 where there is no such process (any more), or it is a zombie. */
function parentOf(pid: number): number {
  const [, state, parent] = /\) (\S) (\d+) /.exec(procFile(pid, "stat") ?? "") ?? [];
  return state === "Z" || parent === undefined ? 0 : Number(parent);
}

function procFile(pid: number, name: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "";
    if (code === "ENOENT" || code === "ESRCH") return null;
    throw error;
  }
}
