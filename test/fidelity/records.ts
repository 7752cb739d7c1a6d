// What a recording policy left in its memory, read from the bytes (struct schedcp_records of
// bpf/include/schedcp/record.bpf.h), and its order by task. The same for a guest and the simulator.

import { type OpName, opNames } from "../../src/simulator/core/policy-ops.ts";

export const recordsGlobal = "schedcp_records";
/** Knob: only tasks whose name begins with it are recorded. */
export const recordCommKnob = "schedcp_record_comm";
const headerBytes = 8;
const recordBytes = 40;

export interface CallRecord {
  timeNs: number;
  /** Of wake-up, enqueue or dequeue; 0 or 1 of stopping and update_idle; the kind of exit. */
  flags: bigint;
  /** 0: the op has no task. */
  pid: number;
  cpu: number;
  op: OpName;
  queued: boolean;
  comm: string;
}

/** Throws where records were lost for want of room. */
export function readRecords(bytes: Uint8Array): CallRecord[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = Number(view.getBigUint64(0, true));
  const room = Math.floor((bytes.length - headerBytes) / recordBytes);
  if (count > room) throw new Error(`${count} callbacks, ${room} were recorded`);
  return Array.from({ length: count }, (_, index) => {
    const at = headerBytes + index * recordBytes;
    const op = opNames[view.getUint8(at + 22)];
    if (op === undefined) throw new Error(`record ${index} has no op`);
    const comm = Buffer.from(bytes.subarray(at + 24, at + 40)).toString("latin1");
    return {
      timeNs: Number(view.getBigUint64(at, true)),
      flags: view.getBigUint64(at + 8, true),
      pid: view.getInt32(at + 16, true),
      cpu: view.getUint16(at + 20, true),
      op,
      queued: view.getUint8(at + 23) !== 0,
      comm: comm.slice(0, comm.indexOf("\0")),
    };
  });
}
