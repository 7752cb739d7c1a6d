import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { assertApart } from "./output-file.ts";

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "schedcp-output-"));
  mkdirSync(join(directory, "sub"));
  writeFileSync(join(directory, "policy.bpf.c"), "");
  symlinkSync("policy.bpf.c", join(directory, "link.bpf.c"));
  symlinkSync("sub", join(directory, "other"));
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

const check = (outputs: string[], inputs: string[]): Promise<void> => {
  const named = (paths: string[]) =>
    paths.map((path) => ({ what: `the file ${path}`, path: `${directory}/${path}` }));
  return assertApart(named(outputs), named(inputs));
};

test.each<[string, string[], string[]]>([
  ["two outputs", ["a.html", "./a.html"], []],
  ["two outputs through a linked directory", ["sub/a.html", "other/a.html"], []],
  ["an output over an input", ["policy.bpf.c"], ["sub/../policy.bpf.c"]],
  ["an output over what the input leads to", ["policy.bpf.c"], ["link.bpf.c"]],
  ["an output over the input's own link", ["link.bpf.c"], ["link.bpf.c"]],
])("%s: wrong usage", async (_, outputs, inputs) => {
  await expect(check(outputs, inputs)).rejects.toMatchObject({ code: "usage", exitCode: 2 });
});

test("files apart, there or not", async () => {
  await check(["a.html", "sub/a.html", "gone/a.html"], ["policy.bpf.c", "gone/policy.bpf.c"]);
});
