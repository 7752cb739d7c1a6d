// bin/schedcp in a made-up checkout, with a made-up npm that "installs" a Node which prints what it
// was given: what the entry does by itself is tried without the network and without this checkout.

import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

const entry = fileURLToPath(new URL("../../bin/schedcp", import.meta.url));
let root: string;
let checkout: string;
let programs: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "schedcp-entry-"));
  checkout = join(root, "a checkout");
  programs = join(root, "programs");
  mkdirSync(join(checkout, "bin"), { recursive: true });
  mkdirSync(join(checkout, "src/cli"), { recursive: true });
  mkdirSync(programs);
  cpSync(entry, join(checkout, "bin/schedcp"));
  for (const name of ["package.json", "package-lock.json", ".npmrc", "src/cli/main.ts"]) {
    writeFileSync(join(checkout, name), "");
  }
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function script(path: string, text: string): void {
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
}

const fakeNode = 'echo "node compile-cache=$NODE_COMPILE_CACHE"; for a; do echo "$a"; done';

/** An npm that counts its runs, then runs `body` in the directory it was started in. */
function giveNpm(body = ""): void {
  script(join(root, "fake-node"), fakeNode);
  script(
    join(programs, "npm"),
    `echo run >>"${root}/npm-runs"\n${body}\nmkdir -p node_modules/node/bin\ncp "${root}/fake-node" node_modules/node/bin/node`,
  );
}

const npmRuns = (): number => {
  const path = join(root, "npm-runs");
  return existsSync(path) ? readFileSync(path, "utf8").split("\n").length - 1 : 0;
};

interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

const environment = () => ({ PATH: `${programs}:/usr/bin:/bin`, HOME: root });

function start(path: string, args: string[], env: NodeJS.ProcessEnv = environment()) {
  return new Promise<Outcome>((resolve) => {
    const child = execFile(path, args, { env, cwd: root, timeout: 20_000 }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode, stdout, stderr }),
    );
  });
}

const schedcp = (...args: string[]) => start(join(checkout, "bin/schedcp"), args);
/** Only what is in `programs`: the tools that the entry uses, without npm and Node. */
function bareEnvironment(): NodeJS.ProcessEnv {
  for (const name of ["sh", "sha256sum", "id", "readlink", "timeout", "flock"]) {
    symlinkSync(`/usr/bin/${name}`, join(programs, name));
  }
  return { PATH: programs, HOME: root };
}

test("prepares once, says so on standard error, and becomes its own Node", async () => {
  giveNpm();
  const first = await schedcp("doctor", "a b", "--json");
  expect(first).toMatchObject({ code: 0 });
  expect(first.stderr).toMatch(/^schedcp: first run .*\nschedcp: prepared\n$/);
  expect(first.stdout.split("\n")).toEqual([
    `node compile-cache=${root}/.cache/schedcp/node-compile`,
    "--disable-warning=ExperimentalWarning",
    join(checkout, "src/cli/main.ts"),
    "doctor",
    "a b",
    "--json",
    "",
  ]);
  const second = await schedcp("doctor");
  expect(second).toMatchObject({ code: 0, stderr: "" });
  expect(npmRuns()).toBe(1);
  expect(existsSync(join(checkout, ".installing"))).toBe(false);
});

test("an npm that writes its copy of the lock anew does not make it prepare each time", async () => {
  giveNpm("echo rewritten >package-lock.json");
  await schedcp();
  expect(await schedcp()).toMatchObject({ code: 0, stderr: "" });
  expect(npmRuns()).toBe(1);
  expect(readFileSync(join(checkout, "package-lock.json"), "utf8")).toBe("");
});

test("prepares again once the lock names other packages", async () => {
  giveNpm();
  await schedcp();
  writeFileSync(join(checkout, "node_modules/from-before"), "");
  writeFileSync(join(checkout, "package-lock.json"), "other");
  const again = await schedcp();
  expect(again.stderr).toContain("out of date");
  expect(npmRuns()).toBe(2);
  expect(existsSync(join(checkout, "node_modules/from-before"))).toBe(false);
});

test("two at once prepare once", async () => {
  giveNpm('while [ ! -e "$HOME/go" ]; do sleep 0.05; done');
  const first = schedcp("one");
  await vi.waitUntil(() => npmRuns() === 1, { timeout: 10_000 });
  const child = spawn(join(checkout, "bin/schedcp"), ["two"], { env: environment() });
  const said = await new Promise<string>((resolve) =>
    child.stderr.setEncoding("utf8").once("data", resolve),
  );
  expect(said).toContain("waiting for it");
  writeFileSync(join(root, "go"), "");
  expect(await new Promise((resolve) => child.on("close", resolve))).toBe(0);
  expect(await first).toMatchObject({ code: 0 });
  expect(npmRuns()).toBe(1);
});

test("ended in the middle, it leaves the old packages; the next start does the rest", async () => {
  giveNpm();
  await schedcp();
  writeFileSync(join(checkout, "package-lock.json"), "other");
  giveNpm('while [ ! -e "$HOME/go" ]; do sleep 0.05; done');
  const child = spawn(join(checkout, "bin/schedcp"), ["x"], { env: environment() });
  await vi.waitUntil(() => npmRuns() === 2, { timeout: 10_000 });
  child.kill("SIGKILL");
  await new Promise((resolve) => child.on("exit", resolve));
  expect(existsSync(join(checkout, "node_modules/node/bin/node"))).toBe(true);
  // npm itself lives on, and holds the lock until it ends.
  const next = schedcp();
  writeFileSync(join(root, "go"), "");
  expect(await next).toMatchObject({ code: 0 });
  expect(npmRuns()).toBe(3);
  expect(readdirSync(checkout)).not.toContain(".installing");
});

test("without npm: exit code 3, with a remedy, as a document where --json asks", async () => {
  const env = bareEnvironment();
  const plain = await start(join(checkout, "bin/schedcp"), ["doctor"], env);
  expect(plain).toMatchObject({ code: 3, stdout: "" });
  expect(plain.stderr).toContain("sudo apt-get install npm");
  const json = await start(join(checkout, "bin/schedcp"), ["doctor", "--json"], env);
  expect(json.code).toBe(3);
  expect(JSON.parse(json.stdout)).toMatchObject({
    error: { code: "missing-program", hint: expect.stringContaining("npm") },
  });
});

test.each([
  ["npm error code ENOTFOUND", "offline", "cannot reach"],
  ["npm error nospc ENOSPC: no space left on device", "no-space", "no space"],
  ["npm error code EINTEGRITY", "missing-setup", "could not install"],
])("when npm says %s the code is %s", async (words, code, message) => {
  giveNpm(`echo "${words}" >&2; exit 1`);
  const { code: exitCode, stdout, stderr } = await schedcp("--json");
  expect(exitCode).toBe(3);
  expect(stderr).toContain(words);
  expect(JSON.parse(stdout).error).toMatchObject({ code });
  expect(JSON.parse(stdout).error.message).toContain(message);
  expect(existsSync(join(checkout, "node_modules"))).toBe(false);
  expect(existsSync(join(checkout, ".installing"))).toBe(false);
});

test("through symbolic links, relative ones too", async () => {
  giveNpm();
  mkdirSync(join(root, "links"));
  symlinkSync("../a checkout/bin/schedcp", join(root, "links/inner"));
  symlinkSync(join(root, "links/inner"), join(root, "links/schedcp"));
  const { stdout } = await start(join(root, "links/schedcp"), ["x"]);
  expect(stdout).toContain(join(checkout, "src/cli/main.ts"));
});

test("installed from npm: runs the built file on a Node that is new enough", async () => {
  rmSync(join(checkout, "src"), { recursive: true });
  const version = (number: string) => `[ "$1" = --version ] && { echo v${number}; exit; }\n`;
  script(join(programs, "node"), `${version("24.1.0")}${fakeNode}`);
  const { stdout } = await schedcp("x");
  expect(stdout).toContain(`${join(checkout, "dist/cli/main.js")}\nx\n`);
  expect(npmRuns()).toBe(0);

  script(join(programs, "node"), `${version("20.20.2")}${fakeNode}`);
  const old = await schedcp("x");
  expect(old).toMatchObject({ code: 3, stdout: "" });
  expect(old.stderr).toMatch(/found 20\.20\.2[\s\S]*npx --package=node@24/);
});

test("the stamp is the lock's digest, so that anyone can make it", async () => {
  giveNpm();
  await schedcp();
  const stamp = readFileSync(join(checkout, "node_modules/.schedcp-stamp"), "utf8");
  expect(stamp).toBe(`${createHash("sha256").update("").digest("hex")}\n`);
});

test.each(["SIGTERM", "SIGINT"] as const)("%s ends npm too and leaves nothing", async (signal) => {
  giveNpm('trap "echo ended >>$HOME/ended; exit 1" TERM\nwhile :; do sleep 0.05; done');
  const child = spawn(join(checkout, "bin/schedcp"), ["x"], { env: environment() });
  await vi.waitUntil(() => npmRuns() === 1, { timeout: 10_000 });
  child.kill(signal);
  expect(await new Promise((resolve) => child.on("close", resolve))).toBe(130);
  expect(readFileSync(join(root, "ended"), "utf8")).toBe("ended\n");
  expect(existsSync(join(checkout, ".installing"))).toBe(false);
});
