// A program that only this host has, with a library that the guest lacks or has in another version: it
// runs in a guest as it runs here.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findClang } from "../../src/lab/clang.ts";
import { openLab } from "../../src/lab/lab.ts";

const name = "schedcp-test-program";
const source = `
#include <stdio.h>
#include <zlib.h>
int main(int count, char **words)
{
	printf("%s zlib %s argument %s\\n", words[0], zlibVersion(), words[1]);
	return count == 2 ? 0 : 1;
}
`;

let directory: string;
const path = process.env.PATH ?? "";
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "schedcp-own-program-"));
  const clang = findClang();
  if (clang === null) throw new Error("clang is missing: `schedcp setup` installs it");
  writeFileSync(join(directory, "program.c"), source);
  execFileSync(clang.clang, [join(directory, "program.c"), "-lz", "-o", join(directory, name)]);
  writeFileSync(join(directory, "schedcp-test-script"), "#!/bin/sh\ntrue\n", { mode: 0o755 });
  process.env.PATH = `${directory}:${path}`;
});
afterAll(() => {
  process.env.PATH = path;
  rmSync(directory, { recursive: true });
});

test("the user's own program runs in a guest with its libraries", async () => {
  const here = execFileSync(join(directory, name), ["one two"], { encoding: "utf8" });
  const lab = await openLab({ mayBuild: true });
  try {
    const lease = await lab.lease({ cpus: 1, memoryMib: 512, programs: [name] });
    const report = await lease.connection.call("workload.run", {
      workload: {
        name: "own-program",
        run: [{ name: "own", command: `${name} "one two"` }],
        objective: { metric: "makespan", direction: "minimise" },
      },
      timeLimitMs: 20_000,
      stopAfterMs: null,
      outputOf: ["own"],
      trace: false,
    });
    await lease.release();
    expect(report.failure).toBeNull();
    const words = (text: string) => text.trim().split(" ").slice(1);
    expect(words(report.output.own?.[0] ?? "")).toEqual(words(here));
  } finally {
    await lab.close();
  }
}, 300_000);

test("a script is refused with a remedy, and a program that nobody has is named", async () => {
  const lab = await openLab({ mayBuild: true });
  const request = { cpus: 1, memoryMib: 512 };
  try {
    await expect(
      lab.prepare({ ...request, programs: ["schedcp-test-script"] }, () => undefined),
    ).rejects.toMatchObject({ code: "not-supported", message: expect.stringContaining("script") });
    await expect(
      lab.prepare({ ...request, programs: ["schedcp-no-such-program"] }, () => undefined),
    ).rejects.toMatchObject({
      code: "missing-program",
      message: expect.stringContaining("schedcp-no-such-program"),
    });
  } finally {
    await lab.close();
  }
}, 120_000);
