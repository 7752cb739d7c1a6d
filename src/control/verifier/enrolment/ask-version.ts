// Asks a program for its version, in a fresh guest, as an ordinary user there: the first thing that is
// run of it, and nothing of it is run on this host. Called by enrol.ts.

import { binaryVersionSchema } from "../../../contract/enrolled-binary.ts";
import { SchedcpError } from "../../../contract/errors.ts";
import type { HostProgram, NodeLease } from "../../../contract/node.ts";
import type { RunReport } from "../../../contract/node-protocol.ts";
import { escapedTail } from "../../analysis/escaped-text.ts";
import { trialWorkload } from "../exercise/trial-workload.ts";

const entry = "version";
const answerMsMax = 20_000;
const callMsMax = 60_000;
/** Of guests that the emulator loses. */
const guestsMax = 3;

/** Throws `policy-invalid` where it does not say its version. */
export async function askVersion(
  { name }: HostProgram,
  lease: () => Promise<NodeLease>,
  signal: AbortSignal | undefined,
): Promise<string> {
  for (let guests = 1; ; guests++) {
    const report = await ask(name, await lease(), signal);
    if (report !== "lost") return answerOf(name, report);
    if (guests === guestsMax) throw refused(name, "hangs or kills the guest it is asked in");
  }
}

async function ask(
  name: string,
  lease: NodeLease,
  signal: AbortSignal | undefined,
): Promise<RunReport | "lost"> {
  const workload = trialWorkload(entry, [{ name: entry, command: `exec ${name} --version` }]);
  try {
    return await lease.connection.call(
      "workload.run",
      {
        ...{ workload, timeLimitMs: answerMsMax, stopAfterMs: null },
        ...{ outputOf: [entry], trace: false },
      },
      { timeoutMs: callMsMax, ...(signal === undefined ? {} : { signal }) },
    );
  } catch (thrown) {
    if (!(thrown instanceof SchedcpError) || thrown.code !== "node-lost") throw thrown;
    return "lost";
  } finally {
    await lease.release();
  }
}

function answerOf(name: string, { outcome, failure, output }: RunReport): string {
  if (outcome === "timed-out")
    throw refused(name, `does not answer within ${answerMsMax / 1000} s`);
  if (failure !== null) {
    const how = failure.signal ?? `code ${failure.exitCode}`;
    throw refused(name, `ends with ${how}, saying "${escapedTail(failure.stderrTail, 200)}"`);
  }
  const said = output[entry]?.[0] ?? "";
  const version = versionIn(said);
  if (version === null) throw refused(name, `answers "${escapedTail(said, 200)}"`);
  return version;
}

/** `scx_bpfland 1.1.4 x86_64-unknown-linux-gnu` → `1.1.4`: the first that looks like one. Untrusted text. */
export function versionIn(said: string): string | null {
  const [line = ""] = said.trimStart().split("\n", 1);
  const [, version] = /(?:^|\s)v?(\d+(?:\.\d+)+[0-9A-Za-z.+_-]*)(?=\s|$)/.exec(line) ?? [];
  return binaryVersionSchema.safeParse(version).data ?? null;
}

function refused(name: string, how: string): SchedcpError {
  return new SchedcpError("policy-invalid", `${name} does not say its version: it ${how}`, {
    hint: "A program is enrolled by name, version and digest: it must answer --version with a line that holds it.",
  });
}
