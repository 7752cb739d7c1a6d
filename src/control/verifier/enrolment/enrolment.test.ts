// What is taken in, by what it is known again, and what is refused: on this host's own programs, with a
// real store and the real confined linker. Running one is test/verifier/enrolled.lab.test.ts.

import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { EnrolledBinary } from "../../../contract/enrolled-binary.ts";
import { openStore, type Store } from "../../repository/store.ts";
import { versionIn } from "./ask-version.ts";
import { readBinary } from "./binary-file.ts";
import { knownBinary } from "./known-binary.ts";
import { librariesOf } from "./shared-libraries.ts";

let directory: string;
let store: Store;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "schedcp-enrolment-"));
  store = await openStore(join(directory, "store.db"));
});
afterEach(async () => {
  await store.close();
  rmSync(directory, { recursive: true });
});

const at = (name: string) => join(directory, name);

function program(name: string): string {
  copyFileSync("/bin/ls", at(name));
  return at(name);
}

async function enrolled(path: string, version: string): Promise<EnrolledBinary> {
  const { name, sha256, bytes } = await readBinary(path);
  const binary = {
    ...{ name, version, sha256, bytes: bytes.length, libraries: [] },
    enrolledAt: "2026-01-01T00:00:00.000Z",
  };
  await store.saveEnrolledBinary(binary);
  return binary;
}

describe("a program's file", () => {
  test("is named by its file's name and digest", async () => {
    const { name, sha256 } = await readBinary(program("scx_bpfland"));
    expect(name).toBe("scx-bpfland");
    expect(sha256).toBe(execFileSync("sha256sum", ["/bin/ls"], { encoding: "utf8" }).split(" ")[0]);
  });

  test.each([
    ["a script", "#!/bin/sh\nexec true\n".padEnd(100, " ")],
    ["an empty file", ""],
    ["a BPF object", `\x7fELF\x02\x01\x01${"\0".repeat(9)}\x01\0\xf7\0${"\0".repeat(60)}`],
    ["an x86 object", `\x7fELF\x02\x01\x01${"\0".repeat(9)}\x01\0\x3e\0${"\0".repeat(60)}`],
    ["an ARM program", `\x7fELF\x02\x01\x01${"\0".repeat(9)}\x03\0\xb7\0${"\0".repeat(60)}`],
  ])("%s is refused with a remedy", async (_, text) => {
    writeFileSync(at("scx_other"), text, "latin1");
    await expect(readBinary(at("scx_other"))).rejects.toMatchObject({
      code: "policy-invalid",
      hint: expect.stringContaining("built program"),
    });
  });

  test("one that is too large is refused, unread", async () => {
    const path = program("scx_large");
    truncateSync(path, 65 * 1024 * 1024);
    await expect(readBinary(path)).rejects.toMatchObject({ code: "limit-exceeded" });
  });

  test("one that is not there is named", async () => {
    await expect(readBinary(at("scx_none"))).rejects.toMatchObject({
      code: "file-unreadable",
      message: expect.stringContaining("scx_none"),
    });
  });
});

describe("shared libraries", () => {
  test("are those that the system's own tool names, with the linker", async () => {
    const libraries = await librariesOf(await readBinary(program("scx_ls")), undefined);
    const ldd = execFileSync("ldd", ["/bin/ls"], { encoding: "utf8" });
    const named = [...ldd.matchAll(/(\/\S+) \(0x/g)].map(([, path = ""]) => basename(path));
    expect(libraries.map(({ path }) => basename(path)).sort()).toEqual(named.sort());
    expect(libraries.map(({ path }) => basename(path))).toContain("ld-linux-x86-64.so.2");
    expect(libraries.every(({ sha256 }) => /^[0-9a-f]{64}$/.test(sha256))).toBe(true);
  });

  test("a static program has none, and one whose library is missing is refused by its name", async () => {
    const source = at("program.c");
    writeFileSync(source, "int nowhere(void); int main(void) { return nowhere(); }\n");
    writeFileSync(at("library.c"), "int nowhere(void) { return 0; }\n");
    execFileSync("cc", ["-shared", "-fPIC", at("library.c"), "-o", at("libnowhere.so")]);
    execFileSync("cc", [source, `-L${directory}`, "-lnowhere", "-o", at("scx_lacking")]);
    execFileSync("cc", ["-static", source, at("library.c"), "-o", at("scx_static")]);
    expect(await librariesOf(await readBinary(at("scx_static")), undefined)).toEqual([]);
    const lacking = await readBinary(at("scx_lacking"));
    await expect(librariesOf(lacking, undefined)).rejects.toMatchObject({
      code: "policy-invalid",
      message: expect.stringContaining("libnowhere.so"),
    });
  });

  test("nothing of the program is run on this host to find them", async () => {
    // A library that audits is run by the linker before it lists anything.
    writeFileSync(at("audit.c"), auditSource(at("was-run")));
    writeFileSync(at("program.c"), "int main(void) { return 0; }\n");
    execFileSync("cc", ["-shared", "-fPIC", at("audit.c"), "-o", at("audit.so")]);
    const audited = ["-Wl,--audit", `-Wl,${at("audit.so")}`];
    execFileSync("cc", [at("program.c"), ...audited, "-o", at("scx_audited")]);
    // Seen here that it would be: by a listing that is not confined.
    execFileSync("/lib64/ld-linux-x86-64.so.2", ["--list", at("scx_audited")], { stdio: "pipe" });
    expect(execFileSync("cat", [at("was-run")], { encoding: "utf8" })).toBe("run");
    rmSync(at("was-run"));
    await librariesOf(await readBinary(at("scx_audited")), undefined);
    expect(() => execFileSync("cat", [at("was-run")], { stdio: "pipe" })).toThrow();
  });
});

/** Leaves a file where it is run. */
function auditSource(path: string): string {
  return `
#include <stdio.h>
unsigned int la_version(unsigned int version)
{
	FILE *file = fopen("${path}", "w");

	if (file) {
		fputs("run", file);
		fclose(file);
	}
	return version;
}
`;
}

describe("an enrolled program", () => {
  test("is known again by its name and its bytes", async () => {
    const path = program("scx_own");
    const binary = await enrolled(path, "1.2.3");
    const known = await knownBinary(path, store, undefined);
    expect(known.enrolled).toEqual(binary);
    expect(known.program).toMatchObject({ name: "scx-own", file: { path, sha256: binary.sha256 } });
  });

  test("with one changed byte is another one, and both digests are told", async () => {
    const path = program("scx_own");
    const { sha256 } = await enrolled(path, "1.2.3");
    writeFileSync(path, "!", { flag: "a" });
    await expect(knownBinary(path, store, undefined)).rejects.toMatchObject({
      code: "policy-invalid",
      message: expect.stringContaining(`enrolled 1.2.3 (${sha256.slice(0, 12)}…)`),
      hint: expect.stringContaining(`schedcp scx enrol ${path}`),
    });
  });

  test("under another name is not enrolled", async () => {
    await enrolled(program("scx_own"), "1.2.3");
    await expect(knownBinary(program("scx_other"), store, undefined)).rejects.toMatchObject({
      code: "not-found",
      message: "no program scx-other is enrolled",
    });
  });

  test("two versions stand side by side, and the same again is one entry", async () => {
    const path = program("scx_own");
    await enrolled(path, "1.2.3");
    await enrolled(path, "1.2.3");
    writeFileSync(path, "!", { flag: "a" });
    await enrolled(path, "1.2.4");
    expect((await store.enrolledBinaries()).map(({ version }) => version).sort()).toEqual([
      "1.2.3",
      "1.2.4",
    ]);
  });
});

test.each([
  ["scx_bpfland 1.1.4 x86_64-unknown-linux-gnu\n", "1.1.4"],
  ["scx_rusty 1.0.14-gd3f2a1b\nmore", "1.0.14-gd3f2a1b"],
  ["v6.12.0", "6.12.0"],
  ["", null],
  ["scx_bpfland", null],
  ["usage: 12 arguments", null],
  [`name ${"1.".repeat(60)}1`, null],
])("the version in %j is %j", (said, version) => {
  expect(versionIn(said)).toBe(version);
});
