// Whether a program's file is one that was enrolled: by its name and the digest of its bytes as they are
// now. One changed byte makes it another program. Called by local-control-plane.ts.

import type { EnrolledBinary } from "../../../contract/enrolled-binary.ts";
import { SchedcpError } from "../../../contract/errors.ts";
import type { HostProgram } from "../../../contract/node.ts";
import type { Store } from "../../repository/store.ts";
import { sha256 } from "../../sha256.ts";
import { type BinaryFile, readBinary } from "./binary-file.ts";
import { programOf } from "./enrol.ts";
import { librariesOf } from "./shared-libraries.ts";

export interface KnownBinary {
  enrolled: EnrolledBinary;
  /** Its file and libraries, as they are on this host now. */
  program: HostProgram;
  /** Of the libraries as they are now: an update of the system's is another question, not another program. */
  librariesSha256: string;
}

/** Throws `not-found` where no program of this name is enrolled, `policy-invalid` where another one is. */
export async function knownBinary(
  path: string,
  store: Pick<Store, "enrolledBinaries">,
  signal: AbortSignal | undefined,
): Promise<KnownBinary> {
  const file = await readBinary(path);
  const named = (await store.enrolledBinaries()).filter(({ name }) => name === file.name);
  const enrolled = named.find(({ sha256 }) => sha256 === file.sha256);
  if (enrolled === undefined) throw notEnrolled(file, named);
  const libraries = await librariesOf(file, signal);
  const librariesSha256 = sha256(libraries.map((library) => library.sha256).join("\n"));
  return { enrolled, program: programOf(file, libraries), librariesSha256 };
}

function notEnrolled(
  { name, path, sha256: digest }: BinaryFile,
  named: readonly EnrolledBinary[],
): SchedcpError {
  const enrol = `\`schedcp scx enrol ${path}\``;
  if (named.length === 0) {
    return new SchedcpError("not-found", `no program ${name} is enrolled`, {
      hint: `${enrol} takes it in by name, version and digest.`,
      details: { name, sha256: digest },
    });
  }
  const short = (hex: string) => `${hex.slice(0, 12)}…`;
  const versions = named.map((each) => `${each.version} (${short(each.sha256)})`);
  return new SchedcpError(
    "policy-invalid",
    `${path} is not the ${name} that is enrolled: its digest is ${short(digest)}, enrolled ${versions.join(", ")}`,
    {
      hint: `Where you changed or updated it yourself, ${enrol} takes it in; else find out who did.`,
      details: { name, sha256: digest, enrolled: named.map((each) => each.sha256) },
    },
  );
}
