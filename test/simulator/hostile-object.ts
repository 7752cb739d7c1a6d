// What reading and translating a damaged object may end in: an ObjectError with words, or a valid result;
// in bounded time. Shared by the test and the bench.

import { ObjectError, SimulatorLimit } from "../../src/simulator/errors.ts";
import type { CallTable } from "../../src/simulator/machine/calls.ts";
import { translate } from "../../src/simulator/machine/translate.ts";
import type { Btf } from "../../src/simulator/object/btf.ts";
import { readBpfObject } from "../../src/simulator/object/read-object.ts";

export type Ending = "valid" | "refused";

/** Throws where it ended otherwise; answers the time that it took, too. */
export function tryObject(
  bytes: Uint8Array,
  kernel: Btf,
  calls: CallTable,
): { ending: Ending; milliseconds: number; words: string } {
  const started = performance.now();
  let ending: Ending = "valid";
  let words = "";
  try {
    const object = readBpfObject(bytes, kernel);
    for (const each of object.functions) each.lineAt(each.code.length >> 4);
    translate(object, calls);
  } catch (error) {
    if (!(error instanceof ObjectError) && !(error instanceof SimulatorLimit)) throw error;
    if (error.message === "") throw new Error("an error without words", { cause: error });
    ending = "refused";
    words = error.message;
  }
  return { ending, milliseconds: performance.now() - started, words };
}
