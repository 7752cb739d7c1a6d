// What setup is going to do, as data: steps that an executor runs as root, in order, and that a
// person can read or type. Pure; computed from what doctor found and what apt offers.

import { backportsPath, takenFromBackports } from "./apt-sources.ts";
import { type NeedName, needs } from "./needs.ts";
import { isAtLeast, upstreamVersion } from "./version.ts";

export interface Step {
  /** What it does, for progress: `installing clang-19`. */
  title: string;
  argv: readonly string[];
  /** Written to its standard input. */
  input?: string;
  /** A step that may fail without harm, since a later one tells (a mirror that has gone). */
  optional?: boolean;
  timeoutMs: number;
}

const minute = 60_000;

const apt = (...args: string[]): string[] => [
  "env",
  "DEBIAN_FRONTEND=noninteractive",
  "LC_ALL=C",
  "apt-get",
  ...["-q", "-y", "-o", "Dpkg::Use-Pty=0", "-o", "DPkg::Lock::Timeout=300"],
  ...["-o", "Acquire::Retries=2", "-o", "Acquire::http::Timeout=30"],
  ...args,
];

/** Writes its standard input to a file that appears whole or not at all. */
const writeWhole = 'cat >"$1.new" && chmod 644 "$1.new" && mv "$1.new" "$1"';

/** Brings apt to know what there is: before it, candidates are those of an old list, or none. */
export function planSources(backportsSource: string | null): Step[] {
  const steps: Step[] = [];
  if (backportsSource !== null) {
    steps.push({
      title: `adding the package source ${backportsPath}`,
      argv: ["sh", "-c", writeWhole, "sh", backportsPath],
      input: backportsSource,
      timeoutMs: minute,
    });
  }
  // Fails where any of the machine's sources does; those that matter show in the candidates.
  const update = apt("update");
  steps.push({
    title: "reading the package lists",
    argv: update,
    optional: true,
    timeoutMs: 5 * minute,
  });
  return steps;
}

/** Package → candidate version, as apt sees it (with the backports preferred for those above). */
export type Candidates = ReadonlyMap<string, string>;

export interface PackageChoice {
  packages: string[];
  /** Needs for which apt offers nothing (new enough), with what it offers. */
  unmet: { need: NeedName; offered: string }[];
}

/** All packages whose candidates are worth asking for. */
export function packagesToAskFor(missing: readonly NeedName[]): string[] {
  return [...new Set(missing.flatMap((name) => needs[name].debian.flat()))];
}

export function choosePackages(
  missing: readonly NeedName[],
  candidates: Candidates,
): PackageChoice {
  const packages = new Set<string>();
  const unmet: PackageChoice["unmet"] = [];
  for (const name of missing) {
    const { debian, versionMin } = needs[name];
    const good = debian.find((set) => {
      const version = candidates.get(set[0] ?? "");
      if (version === undefined || !set.every((item) => candidates.has(item))) return false;
      return versionMin === undefined || isAtLeast(upstreamVersion(version), versionMin);
    });
    for (const item of good ?? []) packages.add(item);
    if (good !== undefined) continue;
    const first = debian[0]?.[0] ?? name;
    const version = candidates.get(first);
    const offered = version === undefined ? `no ${first}` : `${first} ${version}`;
    unmet.push({ need: name, offered });
  }
  return { packages: [...packages], unmet };
}

/** Installs the packages; finishes first what an interrupted installation left. */
export function planInstallation(packages: readonly string[], backports: string | null): Step[] {
  if (packages.length === 0) return [];
  const newer = packages.filter((name) => backports !== null && takenFromBackports.has(name));
  const ordinary = packages.filter((name) => !newer.includes(name));
  const steps: Step[] = [
    {
      title: "finishing interrupted installations",
      argv: ["env", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C", "dpkg", "--configure", "-a"],
      timeoutMs: 15 * minute,
    },
  ];
  const install = (names: string[], ...options: string[]): void => {
    if (names.length === 0) return;
    steps.push({
      title: `installing ${names.join(" ")}`,
      argv: apt("install", "--no-install-recommends", ...options, ...names),
      timeoutMs: 30 * minute,
    });
  };
  // First the release's own, so that what the newer ones need is there and stays the release's:
  // the static libelf of the backports (0.192) lacks functions that it calls.
  install(ordinary);
  install(newer, "-t", backports ?? "");
  return steps;
}

/** The steps as a person would type them as root. */
export function asShell(steps: readonly Step[]): string[] {
  return steps.map(({ argv, input }) => {
    const command = argv.map(quote).join(" ");
    return input === undefined ? command : `printf '%s' ${quote(input)} | ${command}`;
  });
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
