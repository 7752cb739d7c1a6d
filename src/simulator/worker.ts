// The confined side: a worker thread that reads objects of anybody, translates and runs them. It has no
// state beyond the kernel's types and what was translated from them; whoever started it may end it at
// any time. Started by confined-simulator.ts only.

import { parentPort } from "node:worker_threads";
import { toSchedcpError } from "../contract/errors.ts";
import type { Btf } from "./object/btf.ts";
import { kernelBtf } from "./object/kernel-btf.ts";
import { simulate } from "./simulate.ts";
import type { SimulationTask, WorkerReply, WorkerRequest } from "./simulation-task.ts";

const port = parentPort;
if (port === null) throw new Error("this file is a worker's");

let known: Btf | null = null;

port.on("message", ({ task, kernelBtf: bytes }: WorkerRequest) => {
  if (task !== null) port.postMessage(answer(task, bytes));
  else if (bytes !== null) known = kernelBtf(bytes);
});

function answer(task: SimulationTask, bytes: Uint8Array | null): WorkerReply {
  try {
    if (bytes !== null) known = kernelBtf(bytes);
    if (known === null) throw new TypeError("the kernel's types were never sent");
    return { ok: true, outcome: simulate(task, known) };
  } catch (thrown) {
    const stack = thrown instanceof Error ? thrown.stack : undefined;
    return { ok: false, error: toSchedcpError(thrown).toDocument().error, stack };
  }
}
