// A real panic of the lab's kernel, read from its console: how a guest's death is told apart rests on
// the kernel's own words. (No policy is known that panics this kernel, so the guest is booted to do so.)

import { expect, test } from "vitest";
import { Cache, cacheRoot } from "../../src/lab/cache.ts";
import { ensureImage } from "../../src/lab/image.ts";
import { startQemu } from "../../src/lab/qemu.ts";
import { ensureSupport } from "../../src/lab/support.ts";

const silent = () => undefined;

test("a guest whose kernel panics ends by itself and is known to have panicked", async () => {
  const cache = new Cache(cacheRoot());
  const image = await ensureImage(cache, silent);
  const { initialRamDisk } = await ensureSupport(cache, image);
  const qemu = startQemu({
    machine: {
      cpus: 1,
      memoryMib: 512,
      accelerator: "tcg",
      kernel: image.kernel,
      initialRamDisk,
      drives: [],
    },
    // No first process, no root file system: nothing is left for the kernel to do.
    extraKernelArguments: ["rdinit=/no-such-file"],
  });
  await qemu.ended;
  const death = qemu.console.death(true);
  expect(death.kind, death.log.join("\n")).toBe("kernel-panic");
  expect(death.log.join("\n")).toContain("Kernel panic - not syncing");
}, 120_000);
