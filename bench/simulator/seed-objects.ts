// The objects of the seed policies, compiled as `verify` does, and the target kernel's types. For the
// benches that need them.

import { readdirSync, readFileSync } from "node:fs";
import { compilePolicy } from "../../src/control/verifier/compile.ts";
import { openLab } from "../../src/lab/lab.ts";

export interface SeedObjects {
  objects: ReadonlyMap<string, Uint8Array>;
  /** The kernel's BTF, raw. */
  kernelTypes: Uint8Array;
}

export async function seedObjects(): Promise<SeedObjects> {
  const lab = await openLab({ mayBuild: false });
  const { btf } = await lab.kernelTypes(() => undefined);
  const vmlinuxHeaderPath = await lab.vmlinuxHeader(() => undefined);
  await lab.close();
  const objects = new Map<string, Uint8Array>();
  for (const name of readdirSync("policies").sort()) {
    const source = readFileSync(`policies/${name}/policy.bpf.c`, "utf8");
    const compiled = await compilePolicy({ name, source, vmlinuxHeaderPath });
    if (!compiled.ok) throw new Error(`${name} does not compile`);
    objects.set(name, compiled.object);
  }
  return { objects, kernelTypes: btf };
}
