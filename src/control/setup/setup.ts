// Makes this machine ready for the lab: says what is missing, asks, installs it, and has the lab
// prepare its guest. Can be ended at any point and run again; where all is there it changes nothing.

import { SchedcpError } from "../../contract/errors.ts";
import type { Environment } from "../../contract/measurement.ts";
import type { Progress } from "../../contract/node.ts";
import { readAptSources, readCandidates } from "./apt.ts";
import { backportsPath, backportsSource, backportsSuite } from "./apt-sources.ts";
import { askOnTerminal } from "./ask.ts";
import type { Check } from "./check.ts";
import { type Distribution, installCommand } from "./distribution.ts";
import { readDistribution } from "./doctor.ts";
import { type Machine, thisMachine } from "./machine.ts";
import { checkArchitecture } from "./machine-checks.ts";
import { type NeedName, needNames, packagesOf } from "./needs.ts";
import { choosePackages, packagesToAskFor, planInstallation, planSources } from "./plan.ts";
import { type LabPreparation, prepareLab } from "./prepare-lab.ts";
import { becomeRoot, type ExecutorOptions, executeSteps } from "./root-executor.ts";
import { checkTools } from "./tool-checks.ts";

export interface SetupOptions {
  /** The tests need what the lab needs, so far. */
  for: "lab" | "test";
  /** Install without asking. */
  yes: boolean;
  kernel?: string;
  progress?: Progress;
  signal?: AbortSignal;
  /** Asks a yes-or-no question; null where nobody can be asked. The terminal where not given. */
  confirm?: ((question: string) => Promise<boolean>) | null;
  /** Makes image and snapshots in the cache; silent (no progress) where they are there. */
  prepareLab?: (preparation: LabPreparation) => Promise<Environment>;
  machine?: Machine;
}

export interface SetupReport {
  installed: string[];
  environment: Environment;
  nothingToDo: boolean;
  seconds: number;
}

export async function setup(options: SetupOptions): Promise<SetupReport> {
  const startedAt = performance.now();
  const machine = options.machine ?? thisMachine();
  let steps = 0;
  const progress: Progress = (event) => {
    steps += 1;
    options.progress?.(event);
  };
  const say = (message: string) => progress({ step: "setup", message });
  const distribution = await readDistribution(machine);
  refuseWhereMissing([checkArchitecture(machine)]);

  const installed = await installMissing(options, machine, distribution, say);
  const environment = await (options.prepareLab ?? prepareLab)({
    kernel: options.kernel,
    progress,
    signal: options.signal,
  });
  const nothingToDo = steps === 0;
  if (nothingToDo) options.progress?.({ step: "setup", message: "nothing to do" });
  const seconds = Number(((performance.now() - startedAt) / 1000).toFixed(1));
  return { installed, environment, nothingToDo, seconds };
}

async function installMissing(
  options: SetupOptions,
  machine: Machine,
  distribution: Distribution,
  say: (message: string) => void,
): Promise<string[]> {
  const tools = await checkTools(machine, distribution);
  const missing = missingNeeds(tools);
  if (missing.length === 0) return [];
  if (distribution.family !== "debian") throw installByHand(missing, distribution);

  const backports = backportsSuite(distribution);
  const source =
    backports === null
      ? null
      : backportsSource(backports, distribution, await readAptSources(machine));
  const interactive = process.stdin.isTTY === true && process.stderr.isTTY === true;
  await agree(options, interactive, missing, source);

  const executor: ExecutorOptions = { machine, interactive, signal: options.signal, say };
  const preferred = packagesOf(missing, "debian");
  const bySteps = [...planSources(source), ...planInstallation(preferred, backports)];
  const prefix = await becomeRoot(executor, bySteps);
  await executeSteps(planSources(source), prefix, executor);
  const candidates = await readCandidates(machine, packagesToAskFor(missing), backports);
  const { packages, unmet } = choosePackages(missing, candidates);
  if (unmet.length > 0) throw notOffered(unmet, distribution, candidates.size === 0);
  await executeSteps(planInstallation(packages, backports), prefix, executor);
  refuseWhereMissing(await checkTools(machine, distribution));
  return packages;
}

function missingNeeds(checks: readonly Check[]): NeedName[] {
  return needNames.filter((name) =>
    checks.some((check) => check.name === name && check.status === "missing"),
  );
}

async function agree(
  options: SetupOptions,
  interactive: boolean,
  missing: readonly NeedName[],
  source: string | null,
): Promise<void> {
  const packages = packagesOf(missing, "debian");
  const adding = source === null ? "" : `, after adding Debian's backports in ${backportsPath}`;
  const what = `Missing: ${missing.join(", ")}. This installs with apt${adding}: ${packages.join(" ")}`;
  options.progress?.({ step: "setup", message: what });
  if (options.yes) return;
  const confirm = options.confirm === undefined && interactive ? askOnTerminal : options.confirm;
  if (!confirm) {
    throw new SchedcpError("usage", "setup asks before it installs, and nobody can be asked here", {
      hint: "Run `schedcp setup --yes` to install without being asked.",
      details: { missing, packages },
    });
  }
  if (await confirm("Install them?")) return;
  throw new SchedcpError("missing-setup", "nothing was installed", {
    hint: `Run \`schedcp setup\` again, or install by hand: ${installCommand("debian", packages)}`,
    details: { missing, packages },
  });
}

function installByHand(missing: readonly NeedName[], distribution: Distribution): SchedcpError {
  const packages = packagesOf(missing, distribution.family);
  return new SchedcpError(
    "missing-setup",
    `setup installs packages on Debian and Ubuntu only, and this is ${distribution.name}; missing: ${missing.join(", ")}`,
    {
      hint: `Install them, then run this again: ${installCommand(distribution.family, packages)}`,
      details: { missing, packages },
    },
  );
}

function notOffered(
  unmet: readonly { need: NeedName; offered: string }[],
  distribution: Distribution,
  nothingKnown: boolean,
): SchedcpError {
  if (nothingKnown) {
    return new SchedcpError("offline", "apt knows no packages: its lists could not be fetched", {
      hint: "Check the network, http_proxy and /etc/apt/sources.list.d, then run again.",
    });
  }
  const list = unmet.map(({ need, offered }) => `${need} (${offered})`).join(", ");
  return new SchedcpError("not-supported", `${distribution.name} does not offer: ${list}`, {
    hint: "Use Debian 12 or newer, or Ubuntu 24.04 or newer with `universe` enabled; or install them by hand.",
    details: { unmet },
  });
}

/** Throws for the first thing that is missing, with its remedy. */
function refuseWhereMissing(checks: readonly Check[]): void {
  const check = checks.find(({ status }) => status === "missing");
  if (check === undefined) return;
  throw new SchedcpError("missing-setup", `${check.name}: ${check.found}`, {
    hint: check.remedy ?? "Run `schedcp doctor`.",
    details: { check: check.name },
  });
}
