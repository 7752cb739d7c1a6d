// An enrolled program as the trials see it: started as it is, by its own means, and judged by what comes
// of it. Pure but for the calls to the node. Called by verify-enrolled.ts.

import { SchedcpError } from "../../../contract/errors.ts";
import type { NodeResult } from "../../../contract/node-protocol.ts";
import type { Finding } from "../../../contract/verdict.ts";
import { escapedTail } from "../../analysis/escaped-text.ts";
import type { Subject } from "../exercise/subject.ts";

/** The node's own limit lies below by so much, ms. */
const answerMs = 20_000;

export interface BinarySubject extends Subject {
  /** What the node said of it when it was last live; null before. */
  readonly started: NodeResult<"policy.start-binary"> | null;
}

/** `limitMs`: how long it may take until its scheduler is enabled. */
export function binarySubject(
  { name, sha256 }: { name: string; sha256: string },
  limitMs: number,
): BinarySubject {
  let started: BinarySubject["started"] = null;
  return {
    get started() {
      return started;
    },
    loading: ({ timeoutMs }) => {
      return async (connection, signal) => {
        started = await connection.call(
          "policy.start-binary",
          { name, sha256, timeoutMs, limitMs },
          { timeoutMs: limitMs + answerMs, ...(signal === undefined ? {} : { signal }) },
        );
        if (!started.switchedAll) throw partialMode(name);
      };
    },
    refusal,
  };
}

/** What it did in place of enabling a scheduler and staying in the foreground (daemon/binaries.ts). */
const refusals: Record<string, { rule: string; hint: string }> = {
  exited: {
    rule: "load/exited",
    hint: "Its last words say why. It is started without arguments, as root, on the kernel that the evidence names: a version for another kernel ends like this.",
  },
  background: {
    rule: "load/background",
    hint: "The program that is started must own its scheduler and stay: who supervises it must see it die. Enrol one that stays in the foreground.",
  },
  silent: {
    rule: "load/no-scheduler",
    hint: "It is started without arguments and must enable its scheduler by itself, in that time.",
  },
};

function refusal({ code, message, details }: SchedcpError): Finding | null {
  const known = code === "load-failed" ? refusals[String(details?.stage)] : undefined;
  if (known === undefined) return null;
  const said = typeof details?.said === "string" ? escapedTail(details.said, 400) : "";
  const words = said === "" ? "it said nothing" : `its last words: ${said}`;
  const { rule, hint } = known;
  return { rule, severity: "error", message: `${escapedTail(message, 200)}\n${words}`, hint };
}

function partialMode(name: string): SchedcpError {
  return new SchedcpError("not-supported", `${name} runs in partial mode`, {
    hint: "Only programs that take all tasks by themselves are exercised; nothing is known of this one.",
  });
}
