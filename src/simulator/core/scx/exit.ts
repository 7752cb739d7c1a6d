// Why a policy leaves: kinds, reasons and messages in the kernel's words (scx_exit_reason, scx_vexit of
// kernel/sched/ext/ext.c, 7.2). The first cause stays; the disabling itself comes a little later, as the
// kernel's helper thread gets to it.

import { disableDelayNs } from "../constants.ts";
import type { PolicyExit } from "../policy-ops.ts";
import type { Task } from "../task.ts";
import type { Scx } from "./scx.ts";

/** enum scx_exit_kind. */
export const exitKind = {
  unregistered: 64,
  unregisteredByBpf: 65,
  unregisteredByKernel: 66,
  error: 1024,
  errorByBpf: 1025,
  errorStall: 1026,
} as const;

/** SCX_ECODE_ACT_RESTART | SCX_ECODE_RSN_HOTPLUG. */
export const exitCodeHotplug = 2 ** 48 + 2 ** 32;

const reasons: ReadonlyMap<number, string> = new Map([
  [exitKind.unregistered, "unregistered from user space"],
  [exitKind.unregisteredByBpf, "unregistered from BPF"],
  [exitKind.unregisteredByKernel, "unregistered from the main kernel"],
  [exitKind.error, "runtime error"],
  [exitKind.errorByBpf, "scx_bpf_error"],
  [exitKind.errorStall, "runnable task stall"],
]);

/** SCX_EXIT_MSG_LEN, its end included. */
const messageMax = 1023;

/** scx_claim_exit, and the disabling on its way. */
export function claimExit(scx: Scx, kind: number, code: number, message: string): void {
  if (scx.exit !== null) return;
  const exit: PolicyExit = {
    kind,
    code,
    reason: reasons.get(kind) ?? "<UNKNOWN>",
    message: message.slice(0, messageMax),
  };
  scx.exit = exit;
  scx.aborting = true;
  scx.machine.queue.arm(scx.disableSlot, scx.machine.now + disableDelayNs);
}

/** scx_error. */
export function scxError(scx: Scx, message: string): void {
  claimExit(scx, exitKind.error, 0, message);
}

/** "%s[%d]" of a task. */
export function named(task: Task): string {
  return `${task.comm}[${task.pid}]`;
}

/** "%016llx". */
export function hex16(low: number, high: number): string {
  return hex8(high) + hex8(low);
}

/** "%llx". */
export function hex(low: number, high: number): string {
  return high >>> 0 === 0 ? (low >>> 0).toString(16) : (high >>> 0).toString(16) + hex8(low);
}

function hex8(value: number): string {
  return (value >>> 0).toString(16).padStart(8, "0");
}

/** "%u.%03u" of seconds. */
export function seconds(ms: number): string {
  return `${Math.floor(ms / 1000)}.${String(Math.floor(ms % 1000)).padStart(3, "0")}`;
}

/** ops_sanitize_err: an errno, or -EPROTO and an error. */
export function sanitizeErrno(scx: Scx, op: string, value: number): number {
  if (value < 0 && value >= -4095) return value;
  scxError(scx, `ops.${op}() returned an invalid errno ${value}`);
  return -71;
}
