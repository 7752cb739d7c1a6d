// Stage 3, admission: what the object contains, whatever it was made from. Everything here is a yes or a
// no; how the policy behaves is for the later stages. The rules: docs/admission.md. Pure. Called in the
// confined judge (judge.ts).

import type { Finding } from "../../../contract/verdict.ts";
import type { BpfObject } from "../../../simulator/object/bpf-object.ts";
import { callFindings } from "./calls.ts";
import { mapFindings } from "./maps.ts";
import { shapeFindings } from "./shape.ts";

/** All findings, at most `findingsMax`: an object that breaks one rule a thousand times says it once. */
export function admit(object: BpfObject): Finding[] {
  const findings = [...shapeFindings(object), ...mapFindings(object), ...callFindings(object)];
  return findings.slice(0, findingsMax);
}

const findingsMax = 20;
