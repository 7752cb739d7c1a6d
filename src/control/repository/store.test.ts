// The store on a real file: what is saved is found again, by this process and by others, also when
// a writer was killed, when several open a fresh file at once, and when no page more can be had.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Measurement, Pair } from "../../contract/measurement.ts";
import type { Verdict } from "../../contract/verdict.ts";
import { schemaVersion } from "./migrations.ts";
import { openStore, type Run, Store } from "./store.ts";
import { dataDirectory } from "./store-file.ts";

const writer = fileURLToPath(new URL("../../../test/store/pair-writer.ts", import.meta.url));

let directory: string;
let path: string;
const opened: Store[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "schedcp-store-"));
  path = join(directory, "data", "schedcp.db");
});

afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
  rmSync(directory, { recursive: true });
});

async function open(): Promise<Store> {
  const store = await openStore(path);
  opened.push(store);
  return store;
}

test("a known verdict is found by what it holds for, with its evidence, and by nothing else", async () => {
  const store = await open();
  const evidence = { text: "{}", sha256: "0".repeat(64) };
  await store.saveKnownVerdict(verdict, { key: "a", evidence, at: new Date("2026-01-02") });
  expect(await store.knownVerdict("a")).toEqual({ verdict, at: "2026-01-02T00:00:00.000Z" });
  expect(await store.knownVerdict("b")).toBeNull();
  const later = { ...verdict, verdict: "inconclusive" as const };
  await store.saveKnownVerdict(later, { key: "a", evidence, at: new Date("2026-01-03") });
  expect((await store.knownVerdict("a"))?.verdict).toEqual(later);
});

test("a measurement, a verdict and a run without an end are found, newest first", async () => {
  const store = await open();
  await store.savePair(run("run-2", "2026-01-03T00:00:00.000Z"), pair(0));
  await store.savePair(run("run-2", "2026-01-03T00:00:00.000Z"), pair(1));
  await store.saveMeasurement(measurement("m-1", "2026-01-01T00:00:00.000Z"));
  const at = new Date("2026-01-02T00:00:00.000Z");
  const verdictId = await store.saveVerdict(verdict, { workload: null, at });

  const entries = await store.history({ limit: 10 });
  expect(entries.map(({ id, kind, summary }) => ({ id, kind, summary }))).toEqual([
    { id: "run-2", kind: "measurement", summary: "unfinished: 2 pairs kept" },
    { id: verdictId, kind: "verdict", summary: "reject: compile/error" },
    {
      id: "m-1",
      kind: "measurement",
      summary: "makespan +12.5\u00a0%, 8.0 to 17.0\u00a0%, 1\u00a0pair, emulated",
    },
  ]);
  expect(await store.history({ workload: "sample", limit: 1 })).toHaveLength(1);
  expect(await store.history({ workload: "another", limit: 10 })).toEqual([]);
  expect(await store.document("m-1")).toEqual({
    kind: "measurement",
    document: measurement("m-1", "2026-01-01T00:00:00.000Z"),
  });
  expect(await store.document("run-2")).toMatchObject({ document: { pairs: [pair(0), pair(1)] } });
  expect(await store.document("no-such-id")).toBeNull();
});

test("a saved measurement takes the place of the pairs that were kept on the way", async () => {
  const store = await open();
  await store.savePair(run("m-1", "2026-01-01T00:00:00.000Z"), pair(0));
  await store.saveMeasurement(measurement("m-1", "2026-01-01T00:00:00.000Z"));
  expect((await store.history({ limit: 10 })).map((entry) => entry.id)).toEqual(["m-1"]);
});

test("a history of no or too many entries is refused", async () => {
  const store = await open();
  await expect(store.history({ limit: 0 })).rejects.toMatchObject({ code: "limit-exceeded" });
  await expect(store.history({ limit: 1001 })).rejects.toMatchObject({ code: "limit-exceeded" });
});

describe("faults", () => {
  test("a store of a newer schedcp is refused and left as it is", async () => {
    await (await open()).savePair(run("r", "2026-01-01T00:00:00.000Z"), pair(0));
    const newer = new DatabaseSync(path);
    newer.exec(`pragma user_version = ${schemaVersion + 1}`);
    await expect(openStore(path)).rejects.toMatchObject({ code: "store-newer", exitCode: 3 });
    expect(newer.prepare("pragma user_version").get()).toEqual({ user_version: schemaVersion + 1 });
    newer.close();
  });

  test("a file that is no store says which file to move away", async () => {
    path = join(directory, "schedcp.db");
    writeFileSync(path, "no database\n".repeat(100));
    await expect(openStore(path)).rejects.toMatchObject({
      code: "file-unreadable",
      hint: expect.stringContaining(path),
    });
  });

  test("a data directory that is a file", async () => {
    writeFileSync(join(directory, "data"), "");
    await expect(openStore(path)).rejects.toMatchObject({ code: "file-unreadable" });
  });

  // The engine's own limit stands for the disk's: both end in SQLITE_FULL. A full file system was
  // tried by hand too.
  test("no space left: said so, and what was there stays readable", async () => {
    await (await open()).savePair(run("r", "2026-01-01T00:00:00.000Z"), pair(0));
    const database = new DatabaseSync(path);
    database.exec("pragma max_page_count = 1");
    const store = new Store(path, database);
    opened.push(store);
    const fill = async () => {
      for (let index = 1; index < 1000; index++) {
        await store.savePair(run("r", "2026-01-01T00:00:00.000Z"), pair(index));
      }
    };
    await expect(fill()).rejects.toMatchObject({ code: "no-space", exitCode: 3 });
    expect(await (await open()).history({ limit: 10 })).toHaveLength(1);
  });
});

describe("other processes", () => {
  test("eight open a fresh file at once and all their pairs are there", async () => {
    const writers = Array.from({ length: 8 }, (_, i) => startWriter(`run-${i}`, 5));
    const codes = await Promise.all(writers.map(async (child) => (await once(child, "exit"))[0]));
    expect(codes).toEqual(Array(8).fill(0));
    const entries = await (await open()).history({ limit: 100 });
    expect(entries.map((entry) => entry.summary)).toEqual(
      Array(8).fill("unfinished: 5 pairs kept"),
    );
  });

  test("killed while it writes, every pair that it was told of as saved is there", async () => {
    const child = startWriter("killed", 1_000_000);
    let acknowledged = 0;
    child.stdout?.on("data", (chunk: Buffer) => {
      acknowledged += chunk.toString().split("\n").length - 1;
      if (acknowledged >= 50) child.kill("SIGKILL");
    });
    const [, signal] = await once(child, "close");
    expect(signal).toBe("SIGKILL");
    const stored = await (await open()).document("killed");
    if (stored?.kind !== "run") throw new Error("the run is not there");
    expect(stored.document.pairs.length).toBeGreaterThanOrEqual(acknowledged);
    const check = new DatabaseSync(path);
    expect(check.prepare("pragma integrity_check").get()).toEqual({ integrity_check: "ok" });
    check.close();
  });
});

test("the data directory follows SCHEDCP_DATA_DIR, then XDG_DATA_HOME, then the home", () => {
  expect(dataDirectory({ SCHEDCP_DATA_DIR: "/a", XDG_DATA_HOME: "/b" })).toBe("/a");
  expect(dataDirectory({ XDG_DATA_HOME: "/b" })).toBe("/b/schedcp");
  expect(dataDirectory({ XDG_DATA_HOME: "relative" })).toMatch(/\/\.local\/share\/schedcp$/);
  expect(existsSync(path)).toBe(false);
});

function startWriter(id: string, count: number): ChildProcess {
  const options = ["--disable-warning=ExperimentalWarning", writer, path, id, String(count)];
  return spawn(process.execPath, options, { stdio: ["ignore", "pipe", "inherit"] });
}

function run(id: string, at: string): Run {
  return { id, at, workload: "sample", policy: null };
}

function pair(index: number): Pair {
  const sample = { metrics: { makespan: 2 }, tasks: [], stealPercent: 0 };
  return { index, first: "default", default: sample, candidate: sample, ratio: 1 };
}

const spread = { median: 2, mean: 2, min: 2, max: 2, cvPercent: 0 };

function measurement(id: string, startedAt: string): Measurement {
  return {
    id,
    workload: "sample",
    workloadSha256: "0".repeat(64),
    policy: { name: "fifo", sourceSha256: "1".repeat(64), parameters: {} },
    environment: {
      node: "lab",
      kernel: "7.2.12",
      cpus: 2,
      memoryMib: 1024,
      accelerator: "tcg",
      emulated: true,
      imageSha256: "2".repeat(64),
    },
    startedAt,
    seconds: 60,
    seed: 1,
    objective: {
      metric: "makespan",
      unit: "s",
      direction: "minimise",
      default: spread,
      candidate: spread,
      improvementPercent: 12.5,
      confidenceInterval: [8, 17],
    },
    others: [],
    guardrails: [],
    pairs: [pair(0)],
    voidPairs: 0,
    guestsRetried: 0,
    complete: true,
  };
}

const verdict: Verdict = {
  verdict: "reject",
  policy: { name: "broken", sourceSha256: "3".repeat(64), parameters: {} },
  stages: [{ stage: "compile", status: "reject", durationMs: 10 }],
  findings: [{ rule: "compile/error", severity: "error", message: "no", hint: "mend it" }],
  evidence: {},
};
