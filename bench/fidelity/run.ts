// The simulator against the real kernel: every micro-policy of test/fidelity and every seed policy, in
// lab guests and simulated. Writes docs/fidelity.md and src/simulator/fidelity.json (nothing in these is
// ever written by hand): `sh bin/node bench/fidelity/run.ts [--recordings DIRECTORY] [NAME…]`. With names
// it only prints. With a directory, what a guest did is kept there by its object and scenario and used
// again, so that a change of the simulator is compared in seconds. Takes some 8 minutes without.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Cache, cacheRoot } from "../../src/lab/cache.ts";
import { ensureImage } from "../../src/lab/image.ts";
import { openLab } from "../../src/lab/lab.ts";
import { kernelBtfOfFile } from "../../src/simulator/object/kernel-btf.ts";
import { type FidelityCase, fidelityCases } from "../../test/fidelity/cases.ts";
import { median } from "../../test/fidelity/compare.ts";
import { type GuestRun, guestRequest, runInGuest } from "../../test/fidelity/guest-run.ts";
import type { CallRecord } from "../../test/fidelity/records.ts";
import {
  compareCase,
  compiled,
  type FidelityRow,
  stolenMax,
} from "../../test/fidelity/run-case.ts";
import { scenarios } from "../../test/fidelity/scenarios.ts";
import { fidelityJson, fidelityMarkdown } from "./table.ts";

const repeats = 4;
const attemptsMax = 3;

const { values, positionals } = parseArgs({
  options: { recordings: { type: "string" } },
  allowPositionals: true,
});
const all = await fidelityCases();
const unknown = positionals.filter((name) => !all.some((each) => each.name === name));
if (unknown.length > 0) throw new Error(`no such policy: ${unknown.join(", ")}`);
const cases = positionals.length > 0 ? all.filter(({ name }) => positionals.includes(name)) : all;
if (values.recordings !== undefined) mkdirSync(values.recordings, { recursive: true });

const lab = await openLab({ mayBuild: true });
try {
  const environment = await lab.prepare(guestRequest, ({ message }) => console.error(message));
  const image = await ensureImage(new Cache(cacheRoot()), () => undefined);
  const kernelBtf = kernelBtfOfFile(image.kernel);
  const rows: FidelityRow[] = [];
  for (const fidelity of cases) {
    const policy = await compiled(fidelity, image.vmlinuxHeader);
    const key = createHash("sha256").update(policy.object);
    key.update(JSON.stringify([scenarios[fidelity.scenario], policy.parameters, policy.timeoutMs]));
    const guest = await recorded(fidelity, key.digest("hex"), () =>
      runInGuest(lab, policy, scenarios[fidelity.scenario], repeats),
    );
    const row = compareCase(fidelity, policy, guest, kernelBtf);
    rows.push(row);
    print(row);
  }
  if (positionals.length === 0) {
    const date = new Date().toISOString().slice(0, 10);
    const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
    writeFileSync(
      at("src/simulator/fidelity.json"),
      fidelityJson(rows, { date, kernel: environment.kernel }),
    );
    writeFileSync(
      at("docs/fidelity.md"),
      fidelityMarkdown(rows, { date, kernel: environment.kernel }),
    );
  }
} finally {
  await lab.close();
}

/** What the guest did, from the directory where it has it. */
async function recorded(
  { name }: FidelityCase,
  key: string,
  run: () => Promise<GuestRun>,
): Promise<GuestRun> {
  if (values.recordings === undefined) return undisturbed(run);
  const path = join(values.recordings, `${name}-${key.slice(0, 16)}.json`);
  if (existsSync(path)) return withFlags(JSON.parse(readFileSync(path, "utf8")) as GuestRun);
  const guest = await undisturbed(run);
  writeFileSync(
    path,
    JSON.stringify(guest, (_, value: unknown) =>
      typeof value === "bigint" ? value.toString() : value,
    ),
  );
  return guest;
}

/** Another guest where the host took much of the last one's time; the least disturbed of a few. */
async function undisturbed(run: () => Promise<GuestRun>): Promise<GuestRun> {
  let best = await run();
  for (let more = attemptsMax - 1; more > 0 && stolenOf(best) > stolenMax; more--) {
    const next = await run();
    if (stolenOf(next) < stolenOf(best)) best = next;
  }
  return best;
}

function stolenOf({ defaultRuns, policyRuns }: GuestRun): number {
  return median([...defaultRuns, ...policyRuns].map(({ stolen }) => stolen));
}

/** JSON has no 64-bit integers: flags are kept as text. */
function withFlags(guest: GuestRun): GuestRun {
  const lives = guest.lives.map((life) =>
    life.map((record): CallRecord => ({ ...record, flags: BigInt(record.flags) })),
  );
  return { ...guest, lives };
}

function print(row: FidelityRow): void {
  const { sequences, verdicts, makespan } = row;
  console.log(
    `${row.name}: sequences ${sequences.equal ? "equal" : "DIFFER"} (${sequences.shared}/${sequences.all}), ` +
      `verdict ${verdicts.equal ? "equal" : `DIFFERS: ${verdicts.guest.text} | ${verdicts.simulated.text}`}` +
      (makespan === null
        ? ""
        : `, makespan ${makespan.guest.toFixed(2)} ${makespan.simulated.toFixed(2)} (${makespan.errorPercent.toFixed(1)} %, ${makespan.cleanRuns} runs)`),
  );
  for (const step of sequences.missing) console.log(`   only in the kernel: ${step}`);
  for (const step of sequences.invented) console.log(`   only in the simulator: ${step}`);
  if (positionals.length > 0)
    for (const step of sequences.rare) console.log(`   seldom in the kernel: ${step}`);
}
