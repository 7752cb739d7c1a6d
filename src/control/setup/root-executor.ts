// Runs setup's steps as root: directly, or through sudo. The only part of setup that changes the
// machine. A lock that another package manager holds is waited for, with a bound.

import { spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { SchedcpError } from "../../contract/errors.ts";
import type { Machine } from "./machine.ts";
import { asShell, type Step } from "./plan.ts";

const lockWaitMsMax = 300_000;
const lockPollMs = 2_000;
const tailBytesMax = 64 * 1024;

export interface ExecutorOptions {
  machine: Machine;
  /** Whether a person is there to type a password for sudo. */
  interactive: boolean;
  signal?: AbortSignal | undefined;
  say: (message: string) => void;
}

/** What has to stand before a command to run it as root; throws `missing-setup` where nothing does. */
export async function becomeRoot(
  options: ExecutorOptions,
  steps: readonly Step[],
): Promise<string[]> {
  const { machine } = options;
  if (machine.userId === 0) return [];
  const refuse = (why: string): SchedcpError =>
    new SchedcpError("missing-setup", `packages have to be installed as root, and ${why}`, {
      hint: `Run as root:\n${asShell(steps).join("\n")}\nthen run this again.`,
      details: { commands: asShell(steps) },
    });
  const sudo = await machine.find("sudo");
  if (sudo === null) throw refuse("there is no sudo");
  if ((await machine.run(sudo, ["-n", "true"])).code === 0) return [sudo, "-n"];
  if (!options.interactive) throw refuse("sudo asks for a password");
  options.say("sudo is needed to install packages");
  if ((await askForPassword(sudo)) !== 0) throw refuse("sudo was refused");
  return [sudo];
}

function askForPassword(sudo: string): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(sudo, ["-v"], { stdio: "inherit" });
    child.on("error", reject);
    child.on("close", resolve);
  });
}

/** Runs the steps in order; the first that fails ends them, with an error that says why. */
export async function executeSteps(
  steps: readonly Step[],
  prefix: readonly string[],
  options: ExecutorOptions,
): Promise<void> {
  for (const step of steps) {
    options.say(step.title);
    const deadline = performance.now() + lockWaitMsMax;
    for (let waiting = false; ; ) {
      options.signal?.throwIfAborted();
      const outcome = await runStep(step, prefix, options);
      options.signal?.throwIfAborted();
      if (outcome.code === 0) break;
      const failure = explainFailure(step, outcome);
      if (failure.code === "busy" && performance.now() < deadline) {
        if (!waiting) options.say("waiting for another package manager to finish");
        waiting = true;
        await delay(lockPollMs, undefined, options.signal ? { signal: options.signal } : {});
        continue;
      }
      if (step.optional && failure.code !== "busy" && failure.code !== "no-space") break;
      throw failure;
    }
  }
}

interface StepOutcome {
  code: number | null;
  output: string;
}

function runStep(
  step: Step,
  prefix: readonly string[],
  options: ExecutorOptions,
): Promise<StepOutcome> {
  const [program = "", ...args] = [...prefix, ...withProxies(step.argv, options.machine)];
  return new Promise((resolve, reject) => {
    // In our process group: Ctrl-C on a terminal reaches a command that sudo runs as root.
    const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
    let output = "";
    let partial = "";
    const take = (chunk: string) => {
      output = (output + chunk).slice(-tailBytesMax);
      const lines = (partial + chunk).slice(-tailBytesMax).split("\n");
      partial = lines.pop() ?? "";
      for (const line of lines) {
        if (/^(Setting up|Unpacking|Need to get) /.test(line)) {
          options.say(line.replace(/ \.\.\.$/, "").slice(0, 100));
        }
      }
    };
    const stop = () => void child.kill("SIGINT");
    const timer = setTimeout(stop, step.timeoutMs);
    options.signal?.addEventListener("abort", stop, { once: true });
    child.stdout.setEncoding("utf8").on("data", take);
    child.stderr.setEncoding("utf8").on("data", take);
    child.stdin.on("error", (error) => {
      output += `\n${error.message}`;
    });
    child.stdin.end(step.input ?? "");
    const finish = () => {
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", stop);
    };
    child.on("error", (error) => {
      // Root's process can't be signalled by us; it ends by itself or by the terminal's Ctrl-C.
      if ("code" in error && error.code === "EPERM") return;
      finish();
      reject(error);
    });
    child.on("close", (code) => {
      finish();
      resolve({ code, output });
    });
  });
}

/** sudo drops the environment; the proxies in it are the way to the packages. */
function withProxies(argv: readonly string[], machine: Machine): string[] {
  const [first, ...rest] = argv;
  if (first !== "env") return [...argv];
  const names = ["http_proxy", "https_proxy", "no_proxy"];
  const proxies = names.flatMap((name) => {
    const value = machine.environment[name];
    return value ? [`${name}=${value}`] : [];
  });
  return ["env", ...proxies, ...rest];
}

export function explainFailure(step: Step, outcome: StepOutcome): SchedcpError {
  const { output } = outcome;
  const words = output.trim().split("\n").slice(-6).join("\n");
  const cause = new Error(words);
  if (
    /Could not get lock|is held by process|Unable to lock|lock was locked by another/.test(output)
  ) {
    return new SchedcpError("busy", "another package manager is at work and did not finish", {
      hint: "Wait for it (unattended upgrades?) or end it, then run again.",
      cause,
    });
  }
  if (/enough free space|No space left on device/.test(output)) {
    return new SchedcpError("no-space", "there is not enough disk space for the packages", {
      hint: "Free 2 GB on the system's disk (sudo apt-get clean), then run again.",
      cause,
    });
  }
  if (isOffline(output)) {
    return new SchedcpError("offline", "the package mirror cannot be reached", {
      hint: "Check the network, and http_proxy if you use one, then run again.",
      cause,
    });
  }
  const ended = outcome.code === null ? "was ended" : `ended with ${outcome.code}`;
  return new SchedcpError("missing-setup", `${step.title}: ${ended}\n${words}`, {
    hint: `Mend what it names, then run again; the command was: ${asShell([step]).join("")}`,
    details: { command: asShell([step]).join("") },
    cause,
  });
}

export function isOffline(output: string): boolean {
  return /Temporary failure resolving|Could not resolve|Could not connect|Unable to connect|Network is unreachable|Failed to fetch|Connection timed out/.test(
    output,
  );
}
