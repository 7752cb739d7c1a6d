// Tells an interruption from a fault: once the signal is raised, parts that noticed it first may
// throw Node's own AbortError in place of ours. Called by measure.ts, screen.ts and the agent.

import { SchedcpError } from "../../contract/errors.ts";

export function isInterruption(thrown: unknown, signal: AbortSignal | undefined): boolean {
  if (signal?.aborted !== true) return false;
  if (thrown === signal.reason) return true;
  if (thrown instanceof SchedcpError) return thrown.code === "interrupted";
  return thrown instanceof Error && thrown.name === "AbortError";
}
