// Asks apt what it has: sources and candidates. Reads only, as any user.

import { type AptSource, parseAptSources } from "./apt-sources.ts";
import type { Machine } from "./machine.ts";
import type { Candidates } from "./plan.ts";

export async function readAptSources(machine: Machine): Promise<AptSource[]> {
  const directory = "/etc/apt/sources.list.d";
  const names = (await machine.list(directory)).filter((name) => /\.(list|sources)$/.test(name));
  const paths = ["/etc/apt/sources.list", ...names.map((name) => `${directory}/${name}`)];
  const texts = await Promise.all(paths.map((path) => machine.readText(path)));
  return paths.flatMap((path, index) => parseAptSources(path, texts[index] ?? ""));
}

/** Candidates of these packages; from `backports` where that is given and has them. */
export async function readCandidates(
  machine: Machine,
  packages: readonly string[],
  backports: string | null,
): Promise<Candidates> {
  const target = backports === null ? [] : ["-t", backports];
  const { stdout } = await machine.run("apt-cache", [...target, "policy", ...packages]);
  return parseCandidates(stdout);
}

export function parseCandidates(policy: string): Map<string, string> {
  const candidates = new Map<string, string>();
  let name = "";
  for (const line of policy.split("\n")) {
    const heading = /^(\S+):$/.exec(line)?.[1];
    if (heading !== undefined) name = heading;
    const candidate = /^ {2}Candidate: (\S+)$/.exec(line)?.[1];
    if (candidate !== undefined && candidate !== "(none)") candidates.set(name, candidate);
  }
  return candidates;
}
