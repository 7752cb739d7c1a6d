// Two policies of the corpus, drawn by a printed seed (SCHEDCP_TEST_SEED replays it), against the real
// kernel of the lab: it still refuses them, in words that are still recognised.

import { createHash, randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SchedcpError } from "../../src/contract/errors.ts";
import { compilePolicy } from "../../src/control/verifier/compile.ts";
import { loadFinding } from "../../src/control/verifier/load/load-finding.ts";
import { type Lab, openLab } from "../../src/lab/lab.ts";
import { corpusDirectory, expectedRule, storedRefusals } from "./stored-refusal.ts";

const request = { cpus: 2, memoryMib: 1024, programs: [] };
const seed = Number(process.env.SCHEDCP_TEST_SEED ?? randomInt(2 ** 31));
/** These keep an emulated kernel busy for minutes. */
const names = storedRefusals().filter((name) => !name.startsWith("too-complex"));
const first = seed % names.length;
const second = (first + 1 + (Math.floor(seed / names.length) % (names.length - 1))) % names.length;
const drawn = [names[first], names[second]].filter((name) => name !== undefined);
console.log(`seed ${seed}: ${drawn.join(", ")}`);

let lab: Lab;
beforeAll(async () => {
  lab = await openLab({ mayBuild: true });
  await lab.prepare(request, () => undefined);
}, 600_000);
afterAll(() => lab.close());

test("they are refused for the reason that they are labelled with", async () => {
  const vmlinuxHeaderPath = await lab.vmlinuxHeader(() => undefined);
  const lease = await lab.lease(request);
  try {
    for (const name of drawn) {
      const source = readFileSync(`${corpusDirectory}load-${name}.bpf.c`, "utf8");
      const compiled = await compilePolicy({ name: `load-${name}`, source, vmlinuxHeaderPath });
      if (!compiled.ok) throw new Error(JSON.stringify(compiled.findings, null, 1));
      const sha256 = createHash("sha256").update(compiled.object).digest("hex");
      const refusal = await lease.connection
        .call("policy.load", {
          name,
          object: Buffer.from(compiled.object).toString("base64"),
          sha256,
          knobs: {},
          hints: {},
          imposed: { timeoutMs: 10_000, partial: false },
        })
        .then(
          () => null,
          (thrown: unknown) => thrown,
        );
      if (!(refusal instanceof SchedcpError)) throw new Error(`${name} was loaded`);
      expect(loadFinding(refusal)?.rule).toBe(expectedRule(source));
    }
  } finally {
    await lease.release();
  }
});
