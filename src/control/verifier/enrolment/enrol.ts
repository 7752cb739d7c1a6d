// Enrolment: takes a production scheduler's program in by name, version and digest, at its owner's word.
// That says which bytes are meant, and nothing of how good they are. Called by local-control-plane.ts.

import type { EnrolledBinary } from "../../../contract/enrolled-binary.ts";
import type { HostProgram, NodeSource, Progress } from "../../../contract/node.ts";
import type { Store } from "../../repository/store.ts";
import { trialNode } from "../exercise/trial-node.ts";
import { askVersion } from "./ask-version.ts";
import { type BinaryFile, readBinary } from "./binary-file.ts";
import { librariesOf } from "./shared-libraries.ts";

export interface EnrolmentContext {
  nodes: NodeSource;
  store: Pick<Store, "saveEnrolledBinary">;
  /** Wall clock, ms. */
  now: () => number;
  progress: Progress;
  signal: AbortSignal | undefined;
}

/** The guest of a program's trials, and of the question for its version. */
export const nodeFor = (program: HostProgram) => ({ ...trialNode, hostPrograms: [program] });

export function programOf(file: BinaryFile, libraries: HostProgram["libraries"]): HostProgram {
  const { name, path, sha256 } = file;
  return { name, file: { path, sha256 }, libraries };
}

/** Enrolling the same bytes again under the same name changes nothing but the time. */
export async function enrolBinary(
  path: string,
  { nodes, store, now, progress, signal }: EnrolmentContext,
): Promise<EnrolledBinary> {
  const file = await readBinary(path);
  const libraries = await librariesOf(file, signal);
  const program = programOf(file, libraries);
  progress({ step: "verify", message: `asking ${file.name} for its version, in a guest` });
  const options = { progress, ...(signal === undefined ? {} : { signal }) };
  const lease = () => nodes.lease(nodeFor(program), options);
  const binary: EnrolledBinary = {
    name: file.name,
    version: await askVersion(program, lease, signal),
    sha256: file.sha256,
    bytes: file.bytes.length,
    libraries,
    enrolledAt: new Date(now()).toISOString(),
  };
  await store.saveEnrolledBinary(binary);
  return binary;
}
