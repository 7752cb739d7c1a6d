// A process of its own for store.test.ts: saves COUNT pairs of run ID into the store at PATH and
// prints one line after each that is saved.

import { openStore } from "../../src/control/repository/store.ts";

const [path = "", id = "", count = "0"] = process.argv.slice(2);
const store = await openStore(path);
const run = { id, at: "2026-01-01T00:00:00.000Z", workload: "sample", policy: null };
const sample = { metrics: { makespan: 1 }, tasks: [], stealPercent: 0 };
for (let index = 0; index < Number(count); index++) {
  const pair = { index, first: "default" as const, default: sample, candidate: sample, ratio: 1 };
  await store.savePair(run, pair);
  process.stdout.write(`${index}\n`);
}
await store.close();
