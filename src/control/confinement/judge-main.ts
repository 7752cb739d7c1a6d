// The confined side: a process that reads objects of anybody, analyses, translates and runs them. It has
// no state beyond the kernel's types and what was translated from them; whoever started it may end it at
// any time. Started by judge-sandbox.ts only; requests and answers are lines (wire.ts).

import { createInterface } from "node:readline";
import { toSchedcpError } from "../../contract/errors.ts";
import type { Btf } from "../../simulator/object/btf.ts";
import { kernelBtf } from "../../simulator/object/kernel-btf.ts";
import { simulate } from "../../simulator/simulate.ts";
import { examine } from "../verifier/examination.ts";
import type { JudgeReply, JudgeRequest } from "./judge-task.ts";
import { fromLine, toLine } from "./wire.ts";

let known: Btf | null = null;

// Loaded by now is all that there is to compile.
if (!process.argv.includes("--compile-only")) await serve();

async function serve(): Promise<void> {
  for await (const line of createInterface({
    input: process.stdin,
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    // Of the control plane's own making: not checked again.
    const request = fromLine(line) as JudgeRequest;
    if (request.kind === "types") known = kernelBtf(request.kernelBtf);
    else process.stdout.write(`${toLine(answer(request))}\n`);
  }
}

function answer(request: Exclude<JudgeRequest, { kind: "types" }>): JudgeReply {
  try {
    if (known === null) throw new TypeError("the kernel's types were never sent");
    return request.kind === "examine"
      ? { ok: true, examination: examine(request.task, known) }
      : { ok: true, outcome: simulate(request.task, known) };
  } catch (thrown) {
    const stack = thrown instanceof Error ? thrown.stack : undefined;
    const { error } = toSchedcpError(thrown).toDocument();
    return { ok: false, error, ...(stack === undefined ? {} : { stack }) };
  }
}
