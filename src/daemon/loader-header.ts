// What the loader is told and what its refusals mean. Pure; deployment.ts is the only caller.

import { SchedcpError } from "../contract/errors.ts";
import { limits } from "../contract/limits.ts";
import type { ExitRecord } from "../contract/node-protocol.ts";
import type { ParameterValue } from "../contract/policy.ts";
import type { DeploymentRequest } from "./deployment.ts";
import type { NativeError } from "./native-process.ts";

export function loaderHeader(request: DeploymentRequest, opsName: string): string[] {
  const knobs = Object.entries(request.knobs);
  refuseMore("knobs", knobs.length, limits.knobsMax);
  refuseMore("hints", request.hints.length, limits.hintsMax);
  refuseMore("object bytes", request.object.length, limits.policyObjectBytesMax);
  return [
    `object-bytes ${request.object.length}`,
    `name ${opsName}`,
    `timeout-ms ${request.imposed.timeoutMs}`,
    `partial ${request.imposed.partial ? 1 : 0}`,
    ...knobs.map(([name, value]) => knobLine(name, value)),
    ...request.hints.map(({ cgroupId, cpuMs }) => `hint ${cgroupId} ${cpuMs}`),
  ];
}

function knobLine(name: string, value: ParameterValue): string {
  // A name goes into a line of the header: nothing but an identifier may.
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(name)) {
    throw new SchedcpError("parameter-invalid", "a knob's name is no C identifier", {
      hint: "Name knobs as the policy's const volatile globals are named.",
      details: { knob: name.slice(0, 64) },
    });
  }
  if (typeof value === "boolean") return `knob ${name} b ${value ? 1 : 0}`;
  if (typeof value === "number") return `knob ${name} i ${BigInt(value)}`;
  return `knob ${name} s ${Buffer.from(value, "utf8").toString("hex")}`.trimEnd();
}

function refuseMore(what: string, count: number, max: number): void {
  if (count <= max) return;
  throw new SchedcpError("limit-exceeded", `${count} ${what}, at most ${max} are taken`, {
    hint: `Give fewer ${what}.`,
  });
}

/**
 * Why a load did not end in `attached`. `exit`: what the kernel's log says, where the scheduler was
 * enabled and ejected at once (a failing init, for one).
 */
export function loaderError(
  event: NativeError | { event: string } | null,
  aborted: boolean,
  exit: ExitRecord | null,
): SchedcpError {
  if (aborted) {
    return new SchedcpError("interrupted", "loading was interrupted", {
      hint: "Run it again to get its result.",
    });
  }
  const words = exit === null ? {} : { exitReason: exit.reason, exitMessage: exit.message };
  if (event === null || !("stage" in event)) {
    return new SchedcpError("load-failed", "the loader ended without enabling the policy", {
      hint: "The kernel ejected it at once, or the node is out of memory; look at the exit reason.",
      details: words,
    });
  }
  const { stage, code, message } = event;
  const log = event.log === undefined || event.log === "" ? {} : { log: event.log };
  const details = { stage, errno: code, ...log, ...words };
  if (stage === "knob") {
    const knobs = event.knobs === undefined ? {} : { knobs: event.knobs };
    return new SchedcpError("parameter-invalid", message, {
      hint: "Use a knob that the object has, with a value of its type.",
      details: { ...details, ...knobs },
    });
  }
  if (stage === "open" || stage === "load" || stage === "hint") {
    return new SchedcpError("load-rejected", message, {
      hint: "The kernel takes no such object; the kernel verifier's log says where and why.",
      details,
    });
  }
  return new SchedcpError("load-failed", message, {
    hint: "The object was taken but the scheduler did not come up; look at the exit reason.",
    details,
  });
}
