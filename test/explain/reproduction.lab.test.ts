// The scenario of an explanation shows in the simulator what the kernel had ejected the scheduler over:
// faults.bpf.c, with the fault of the dump, fails it for that reason. Needs the lab's image (for the
// kernel's types), no guest.

import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { explainText } from "../../src/control/explain/explain-text.ts";
import { LocalControlPlane } from "../../src/control/local-control-plane.ts";
import { parseScenario } from "../../src/simulator/scenario-file.ts";

const source = readFileSync(new URL("./faults.bpf.c", import.meta.url), "utf8");
let control: LocalControlPlane;
beforeAll(() => {
  control = new LocalControlPlane();
});
afterAll(() => control.close());

async function again(file: string, fault: string) {
  const text = readFileSync(new URL(`./dumps/${file}`, import.meta.url), "utf8");
  const explained = JSON.stringify(explainText(text, file));
  const { report } = await control.simulate({
    policy: {
      kind: "source",
      name: "faults",
      source: source.replace("fault = FAULT_NONE", `fault = ${fault}`),
    },
    parameters: {},
    scenario: parseScenario(explained, file),
  });
  return report;
}

test.each([
  ["lost-task.dump.txt", "FAULT_LOST", "lost-task"],
  ["undrained.dump.txt", "FAULT_UNDRAINED", "starvation"],
  ["wrong-cpu.dump.txt", "FAULT_WRONG_CPU", "affinity"],
  ["mixed-order.dump.txt", "FAULT_MIXED_ORDER", "runtime-error"],
  ["twice.dmesg.txt", "FAULT_TWICE", "runtime-error"],
  ["invalid-cpu.dump.txt", "FAULT_INVALID_CPU", "runtime-error"],
  ["unknown-dsq.dump.txt", "FAULT_UNKNOWN_DSQ", "runtime-error"],
  ["own-error.dump.txt", "FAULT_OWN_ERROR", "runtime-error"],
])("%s: %s is caught as %s", async (file, fault, rule) => {
  const report = await again(file, fault);
  expect(report.verdict).toBe("reject");
  expect(report.findings.map((finding) => finding.rule)).toContain(`simulate/${rule}`);
});

test("a real-time task's doing is not blamed on a policy", async () => {
  const report = await again("rt-local.dump.txt", "FAULT_LOCAL");
  expect(report.findings.filter(({ severity }) => severity === "error")).toEqual([]);
});
