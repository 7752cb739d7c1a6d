// What the verifier tells of policies that a real kernel refused: from the logs that a 7.2 kernel in the lab
// wrote about the corpus (test/verifier/logs), against a golden file that people read and approve.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { SchedcpError } from "../../src/contract/errors.ts";
import { knownRefusals } from "../../src/control/verifier/load/known-refusals.ts";
import { loadFinding } from "../../src/control/verifier/load/load-finding.ts";
import { parseVerifierLog } from "../../src/control/verifier/load/verifier-log.ts";
import { corpusDirectory, expectedRule, readRefusal, storedRefusals } from "./stored-refusal.ts";

const names = storedRefusals();
const sourceOf = (name: string) => readFileSync(`${corpusDirectory}load-${name}.bpf.c`, "utf8");

function findingOf(name: string) {
  const finding = loadFinding(readRefusal(name));
  if (finding === null) throw new Error(`${name} gave no finding`);
  return finding;
}

test.each(names)("%s is recognised, at a line of its source", (name) => {
  const source = sourceOf(name);
  const finding = findingOf(name);
  expect(finding.rule).toBe(expectedRule(source));
  expect(finding.message.length).toBeLessThan(1500);
  if (finding.location === undefined) return;
  expect(finding.location.file).toBe(`load-${name}.bpf.c`);
  const line = source.split("\n")[finding.location.line - 1]?.trim() ?? "";
  // The end of the message is that very line of C.
  expect(finding.message.endsWith(`: ${line}`)).toBe(true);
});

test.each(names)("with its source at hand, %s has a line that is to be mended", (name) => {
  const text = sourceOf(name);
  const finding = loadFinding(readRefusal(name), { file: `load-${name}.bpf.c`, text });
  // A map that is too large for its type is named nowhere.
  if (finding?.rule === "load/btf-refused") return;
  const line = text.split("\n")[(finding?.location?.line ?? 0) - 1] ?? "";
  expect(line).toMatch(/\w/);
  expect(line).not.toMatch(/^\/\//);
  if (finding?.rule === "load/kfunc-not-allowed-here") expect(line).toContain("scx_bpf_");
});

test("every known kind has a log of a real kernel", () => {
  const seen = new Set(names.map((name) => findingOf(name).rule));
  const unseen = knownRefusals.filter(({ id }) => !seen.has(`load/${id}`));
  expect(unseen.map(({ id }) => id)).toEqual([]);
  expect(knownRefusals.length).toBeGreaterThanOrEqual(20);
});

test("the words are those that were approved", async () => {
  const texts = names.map((name) => {
    const source = { file: `load-${name}.bpf.c`, text: sourceOf(name) };
    const finding = loadFinding(readRefusal(name), source);
    if (finding === null) throw new Error(`${name} gave no finding`);
    const { rule, message, hint, location } = finding;
    const place = location === undefined ? "" : `  ${location.file}:${location.line}`;
    return `${name}\n${rule}${place}\n${message}\n→ ${hint}\n`;
  });
  await expect(texts.join("\n")).toMatchFileSnapshot("./known-refusals.golden.txt");
});

describe("what a log says is data", () => {
  const refused = (log: string) =>
    new SchedcpError("load-rejected", "the kernel refused the policy", {
      hint: "None.",
      details: { log },
    });
  const end = "\nprocessed 1 insns (limit 1000000) max_states_per_insn 0\n";

  test("control characters of a line of C are escaped, and its length is bounded", () => {
    const code = `x\u001b[2J${"y".repeat(5000)}`;
    const log = `; ${code} @ evil.bpf.c:7\n0: (79) r1 = *(u64 *)(r0 +0)\nR0 invalid mem access 'scalar'${end}`;
    const finding = loadFinding(refused(log));
    expect(finding).toMatchObject({ rule: "load/number-as-pointer", location: { line: 7 } });
    expect(finding?.message).not.toContain("\u001b");
    expect(finding?.message.length).toBeLessThan(1500);
  });

  test("a megabyte of anything is read in a moment", () => {
    const pieces = ["R0 ", "; a @ b:1\n", "1: (bf) r1 = r2\n", "call ", "'", "(", "from 1 to 2: "];
    for (const piece of pieces) {
      const startedMs = performance.now();
      loadFinding(refused(piece.repeat(Math.ceil(2 ** 20 / piece.length)) + end));
      expect(performance.now() - startedMs).toBeLessThan(2000);
    }
  });

  test("a log that was cut at its beginning still has its end", () => {
    const log = readRefusal("unchecked-lookup-1").details?.log;
    const cut = String(log).slice(-300);
    expect(loadFinding(refused(cut))).toMatchObject({ rule: "load/unchecked-lookup" });
  });

  test("what is not a verifier's log is not taken for one", () => {
    expect(parseVerifierLog("magic: 0xeb9f\nversion: 1\n[1] PTR (anon) type_id=3\n")).toBeNull();
  });

  test("an unknown refusal is told in the kernel's own words", () => {
    const log = `; a(); @ new.bpf.c:3\n0: (85) call a#1\nR1 is of a kind that nobody knows yet${end}`;
    expect(loadFinding(refused(log))).toMatchObject({
      rule: "load/kernel-verifier",
      message: expect.stringContaining("a kind that nobody knows yet"),
      location: { file: "new.bpf.c", line: 3 },
    });
  });

  test("an error that says nothing of the policy is not made a finding", () => {
    expect(loadFinding(new SchedcpError("node-lost", "gone", { hint: "None." }))).toBeNull();
  });
});
