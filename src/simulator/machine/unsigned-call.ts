// WebAssembly hands 32-bit numbers to JavaScript as signed ones; the calls want `u32` and the halves of
// `u64` unsigned. Called by instantiate.ts, once a call.

import type { Call } from "./calls.ts";

type Run = Call["run"];

/** The implementation behind a wrapper that makes its unsigned arguments so; itself where it has none. */
export function unsignedCall(call: Call): Run {
  const unsigned = call.arguments.flatMap((type) =>
    type === "u64" ? [true, true] : [type === "u32"],
  );
  if (!unsigned.includes(true)) return call.run;
  // A function of its own for each call, so that the engine can inline what it wraps: one closure
  // shared by all calls costs several times as much. The text is made of nothing from outside.
  const names = unsigned.map((_, at) => `a${at}`);
  const values = unsigned.map((is, at) => (is ? `a${at} >>> 0` : `a${at}`));
  const text = `return (${names.join(", ")}) => run(${values.join(", ")});`;
  const make: (run: Run) => Run = Object.assign(new Function("run", text));
  return make(call.run);
}
