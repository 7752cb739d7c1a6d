// A finding of the admission stage: always an error, at an instruction's C line where there is one.

import type { Finding } from "../../../contract/verdict.ts";
import type { BpfFunction } from "../../../simulator/object/bpf-object.ts";

export interface Refused {
  rule: string;
  message: string;
  hint: string;
}

export function finding(refused: Refused): Finding {
  return { ...refused, severity: "error" };
}

export function findingAt(refused: Refused, bpfFunction: BpfFunction, at: number): Finding {
  const line = bpfFunction.lineAt(at);
  if (line === null) return finding(refused);
  const file = line.file.split("/").at(-1) ?? line.file;
  return { ...finding(refused), location: { file, line: line.line } };
}
