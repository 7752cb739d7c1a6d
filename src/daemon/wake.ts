// After a restore a guest has the clock, the random pool and the names of its snapshot: gives it new
// ones. First thing that is asked of a restored guest.
//
// Writing to /dev/urandom mixes the bytes in, but the kernel reseeds what programs get from it only
// a while later; QEMU's vmgenid device makes it reseed at once. Neither is relied upon for a secret:
// nothing that a guest makes is one.

import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";

export interface WakeParts {
  /** Runs a program of the system to its end; throws where it fails. */
  run(program: string, args: readonly string[]): Promise<void>;
  paths: { urandom: string; hostname: string; machineId: string };
}

export interface WakeRequest {
  clockMs: number;
  /** Base64. */
  entropy: string;
  nonce: string;
}

/** The new id of this node's life, in place of the kernel's boot id, which can't be changed. */
export async function wake(request: WakeRequest, parts: WakeParts): Promise<string> {
  const entropy = Buffer.from(request.entropy, "base64");
  const id = createHash("sha256").update(entropy).update(request.nonce).digest("hex").slice(0, 32);
  await Promise.all([
    // Node can't set the clock itself.
    parts.run("/bin/date", ["-u", "-s", `@${(request.clockMs / 1000).toFixed(3)}`]),
    writeFile(parts.paths.urandom, entropy),
    writeFile(parts.paths.hostname, `node-${id.slice(0, 8)}`),
    writeFile(parts.paths.machineId, `${id}\n`),
  ]);
  return id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
