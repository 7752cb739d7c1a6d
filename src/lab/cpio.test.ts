import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packCpio } from "./cpio.ts";

test("busybox unpacks what packCpio packs", () => {
  const directory = mkdtempSync(join(tmpdir(), "schedcp-cpio-"));
  try {
    const archive = packCpio([
      { path: "bin", mode: 0o040755, data: Buffer.alloc(0) },
      { path: "bin/odd", mode: 0o100755, data: Buffer.from("five5") },
      { path: "empty", mode: 0o100644, data: Buffer.alloc(0) },
    ]);
    const unpacked = spawnSync("busybox", ["cpio", "-i"], { cwd: directory, input: archive });
    expect(unpacked.status, String(unpacked.stderr)).toBe(0);
    expect(readFileSync(join(directory, "bin/odd"), "utf8")).toBe("five5");
    expect(statSync(join(directory, "bin/odd")).mode & 0o777).toBe(0o755);
    expect(statSync(join(directory, "empty")).size).toBe(0);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
