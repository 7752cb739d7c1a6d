// The simulator against the real kernel, sampled: a few micro-policies, drawn by a printed seed
// (SCHEDCP_TEST_SEED replays it), run in a guest and simulated. bench/fidelity/run.ts does all of them and
// makes the table; a policy whose callbacks are known there to differ is held to its verdict alone.

import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { Cache, cacheRoot } from "../../src/lab/cache.ts";
import { ensureImage } from "../../src/lab/image.ts";
import { type Lab, openLab } from "../../src/lab/lab.ts";
import { kernelBtfOfFile } from "../../src/simulator/object/kernel-btf.ts";
import { fidelityCases } from "./cases.ts";
import { guestRequest } from "./guest-run.ts";
import { type CaseParts, runCase } from "./run-case.ts";

const sampled = 2;
const repeats = 3;
const seed = Number(process.env.SCHEDCP_TEST_SEED ?? randomInt(1_000_000));
const table = z
  .object({ rows: z.array(z.object({ name: z.string(), sequencesEqual: z.boolean() })) })
  .parse(
    JSON.parse(readFileSync(new URL("../../src/simulator/fidelity.json", import.meta.url), "utf8")),
  );

// A stall takes the watchdog's time; the bench has them.
const cases = (await fidelityCases()).filter(({ timeoutMs, seed }) => !seed && timeoutMs > 1000);
const drawn = [...cases, ...cases].slice(seed % cases.length, (seed % cases.length) + sampled);
let lab: Lab;
let parts: CaseParts;

beforeAll(async () => {
  console.info(`micro-policies sampled by SCHEDCP_TEST_SEED=${seed}`);
  lab = await openLab({ mayBuild: true });
  await lab.prepare(guestRequest, () => undefined);
  const image = await ensureImage(new Cache(cacheRoot()), () => undefined);
  const kernelBtf = kernelBtfOfFile(image.kernel);
  parts = { nodes: lab, vmlinuxHeaderPath: image.vmlinuxHeader, kernelBtf, repeats };
}, 600_000);
afterAll(() => lab.close());

test.each(drawn)("$name does the same in the simulator as in the kernel", async (fidelity) => {
  const row = await runCase(fidelity, parts);
  expect(row.unsupported).toEqual([]);
  expect(row.verdicts.simulated).toEqual(row.verdicts.guest);
  const known = table.rows.find(({ name }) => name === fidelity.name);
  if (known?.sequencesEqual !== true) return;
  const { missing, invented } = row.sequences;
  expect({ missing, invented }).toEqual({ missing: [], invented: [] });
});
