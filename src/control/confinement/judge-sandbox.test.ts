// What a program in the judge's place can reach: nothing of the host but Node and this project's code.

import { once } from "node:events";
import { expect, test } from "vitest";
import { startConfined } from "./judge-sandbox.ts";

async function run(code: string): Promise<{ output: string; errors: string }> {
  const child = await startConfined(["-e", code]);
  let output = "";
  let errors = "";
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => (errors += chunk));
  await once(child, "close");
  return { output: output.trim(), errors };
}

test.each([
  ["a file of the host", 'fs.readFileSync("/etc/passwd")', "ENOENT"],
  ["the user's home", 'fs.readdirSync(process.env.HOME ?? "/root")', "ENOENT"],
  ["the processes", 'fs.readdirSync("/proc")', "ENOENT"],
  ["a file to write", 'fs.writeFileSync("/x", "")', "EROFS"],
  ["a place for files", 'fs.writeFileSync("/tmp/x", "")', "ENOENT|EROFS"],
  [
    "this project's code to write",
    `fs.appendFileSync(${JSON.stringify(import.meta.filename)}, "")`,
    "EROFS|EACCES",
  ],
  ["another program", 'require("child_process").execFileSync("/bin/sh", ["-c", "true"])', "ENOENT"],
])("finds no %s", async (_, code, error) => {
  const { output } = await run(
    `try { ${code}; console.log("reached"); } catch (e) { console.log(e.code); }`,
  );
  expect(output).toMatch(new RegExp(`^(${error})$`));
});

test("finds no network, not even the loopback of the host", async () => {
  const { output } =
    await run(`require("net").connect(22, "127.0.0.1").on("error", (e) => console.log(e.code))
    .on("connect", () => console.log("reached")); console.log(Object.keys(os.networkInterfaces()).length)`);
  expect(output.split("\n").join(" ")).not.toContain("reached");
  expect(output).toMatch(/ENETUNREACH|ECONNREFUSED|EADDRNOTAVAIL/);
});

test("has no environment but what Node needs, and no rights", async () => {
  const { output } = await run(
    "console.log(Object.keys(process.env).sort().join(), process.getuid())",
  );
  expect(output).toMatch(/^LC_ALL,LD_LIBRARY_PATH(,NODE_COMPILE_CACHE)?(,PWD)? \d+$/);
  if (process.getuid?.() === 0) expect(output).toMatch(/ 65534$/);
});
