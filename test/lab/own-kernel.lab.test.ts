// `--kernel`: a guest of a kernel that the lab did not choose, older than its own, with the seeds' source
// compiled against that kernel's types.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Verdict } from "../../src/contract/verdict.ts";
import { LocalControlPlane } from "../../src/control/local-control-plane.ts";
import { unpackKernel } from "../../src/lab/kernel-image.ts";
import { openLab } from "../../src/lab/lab.ts";
import { debianMirror, otherKernel } from "./other-kernel.ts";

const request = { cpus: 2, memoryMib: 1024, programs: [] };
let kernel: { path: string; release: string };
let directory: string;

const statusOf = ({ stages }: Verdict) =>
  Object.fromEntries(stages.map(({ stage, status }) => [stage, status]));

describe.skipIf(debianMirror === null)(
  "another kernel, from the Debian archive that apt knows",
  () => {
    beforeAll(async () => {
      directory = mkdtempSync(join(tmpdir(), "schedcp-own-kernel-"));
      kernel = await otherKernel();
    }, 600_000);
    afterAll(() => rmSync(directory, { recursive: true }));

    test("a guest boots with it, and says so", { timeout: 600_000 }, async () => {
      const lab = await openLab({ mayBuild: true, kernel: kernel.path });
      try {
        const environment = await lab.prepare(request, () => undefined);
        expect(environment.kernel).toBe(kernel.release);
        const lease = await lab.lease(request);
        const node = await lease.connection.call("node.describe", {});
        await lease.release();
        expect(node).toMatchObject({ kernel: kernel.release, schedExt: { state: "disabled" } });
      } finally {
        await lab.close();
      }
    });

    test.each(["llc-steal"])("%s compiles against its types, loads and runs", async (name) => {
      const storePath = join(directory, "store.db");
      const control = new LocalControlPlane({ kernel: kernel.path, storePath });
      try {
        const policy = { kind: "library" as const, name };
        const verdict = await control.verify({ policy, parameters: {} });
        expect(verdict.findings.filter(({ severity }) => severity === "error")).toEqual([]);
        // The simulator models another kernel's rules: what it can't judge is no pass.
        expect(verdict).toMatchObject({
          verdict: "inconclusive",
          evidence: { kernel: kernel.release },
        });
        expect(verdict.token).toBeUndefined();
        expect(statusOf(verdict)).toEqual({
          ...{ input: "pass", compile: "pass", admission: "pass", static: "pass" },
          ...{ simulate: "inconclusive", load: "pass", exercise: "pass" },
        });
      } finally {
        await control.close();
      }
    });

    test("the simulator, which follows another kernel's flags, does not judge for this one", async () => {
      const storePath = join(directory, "store.db");
      const control = new LocalControlPlane({ kernel: kernel.path, storePath });
      try {
        const policy = { kind: "library" as const, name: "fifo" };
        const { report } = await control.simulate({ policy, parameters: {} });
        expect(report.verdict).toBe("inconclusive");
        expect(report.unsupported.map(({ name }) => name)).toContain(
          "SCX_ENQ_CPU_SELECTED = 0x400 of this kernel",
        );
      } finally {
        await control.close();
      }
    }, 120_000);

    test("without its modules, what is missing is named", async () => {
      const boot = join(directory, "boot");
      mkdirSync(boot);
      const modules = join(directory, "lib/modules", kernel.release);
      mkdirSync(modules, { recursive: true });
      const builtIn = ["virtio/virtio_ring", "virtio/virtio_pci", "block/virtio_blk"];
      writeFileSync(
        join(modules, "modules.builtin"),
        builtIn.map((name) => `kernel/drivers/${name}.ko\n`).join(""),
      );
      // One byte more: another kernel, as far as the cache knows.
      const elf = unpackKernel(readFileSync(kernel.path));
      writeFileSync(join(boot, "vmlinux"), Buffer.concat([elf, Buffer.alloc(1)]));
      const lab = await openLab({ mayBuild: false, kernel: join(boot, "vmlinux") });
      try {
        await expect(lab.prepare(request, () => undefined)).rejects.toMatchObject({
          code: "not-supported",
          message: expect.stringContaining("squashfs"),
        });
      } finally {
        await lab.close();
      }
    });
  },
);

test("a file that is no kernel is refused with a remedy", async () => {
  const lab = await openLab({ mayBuild: false, kernel: "/etc/hostname" });
  try {
    await expect(lab.prepare(request, () => undefined)).rejects.toMatchObject({
      code: "not-supported",
      hint: expect.stringContaining("--kernel /boot/vmlinuz"),
    });
  } finally {
    await lab.close();
  }
});
