// Which implementation a kfunc's name has: the kernel's full name first ("scx_bpf_dsq_insert___v2"),
// then the name without its suffix. Called by translate.ts, interpreter.ts and unsupported.ts.

import { essentialName } from "../object/btf.ts";
import type { Call, CallTable } from "./calls.ts";

export function findKfunc(calls: CallTable, name: string): Call | null {
  return calls.kfuncs.get(name) ?? calls.kfuncs.get(essentialName(name)) ?? null;
}
