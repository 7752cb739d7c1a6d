// The embedded store: what was measured, judged and decided, kept over runs. Many processes may have
// it open at once. Kysely is imported on first use, since that takes far longer than opening the file.

import type { DatabaseSync } from "node:sqlite";
import type { Kysely } from "kysely";
import { type EnrolledBinary, enrolledBinarySchema } from "../../contract/enrolled-binary.ts";
import { SchedcpError } from "../../contract/errors.ts";
import type { Measurement, Pair } from "../../contract/measurement.ts";
import type { PolicyIdentity } from "../../contract/policy.ts";
import type { Result } from "../../contract/result.ts";
import { type Verdict, verdictSchema } from "../../contract/verdict.ts";
import type { HistoryEntry } from "../control-plane.ts";
import { migrate } from "./migrations.ts";
import { newRecordId } from "./record-id.ts";
import { asStoreError, openDatabase, storeError, storePath } from "./store-file.ts";
import { measurementSummary, resultSummary, verdictSummary } from "./summary.ts";
import { forKysely, type Tables } from "./tables.ts";

export const historyEntriesMax = 1000;
/** Of those that are kept for asking again; the newest stay. */
const knownVerdictsMax = 10_000;
const enrolledBinariesMax = 1000;
const documentBytesMax = 64 * 1024 * 1024;

/** A measurement in progress, as its pairs name it. Its id is that of the later Measurement. */
export interface Run {
  id: string;
  at: string;
  workload: string;
  policy: PolicyIdentity | null;
}

/** A whole document by id. `run`: a measurement that was interrupted, with the pairs it got to. */
export type StoredDocument =
  | { kind: "measurement" | "verdict" | "result"; document: unknown }
  | { kind: "run"; document: { run: unknown; pairs: unknown[] } };

export async function openStore(path: string = storePath()): Promise<Store> {
  const database = await openDatabase(path);
  try {
    asStoreError(path, () => migrate(database, path));
  } catch (error) {
    database.close();
    throw error;
  }
  return new Store(path, database);
}

export class Store {
  readonly #path: string;
  readonly #database: DatabaseSync;
  #queries: Promise<Kysely<Tables>> | undefined;

  constructor(path: string, database: DatabaseSync) {
    this.#path = path;
    this.#database = database;
  }

  /** Keeps one pair of a measurement that is still going on: on disk when this resolves. */
  async savePair(run: Run, pair: Pair): Promise<void> {
    await this.#write(async (queries) => {
      const { id, at, workload, policy } = run;
      await queries
        .insertInto("runs")
        .values({ id, at, workload, policy: policy?.name ?? null, document: text(run) })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      const row = { run_id: id, pair_index: pair.index, document: text(pair) };
      await queries.replaceInto("pairs").values(row).execute();
    });
  }

  /** Saves a finished measurement; it holds its pairs, so those kept on the way go. */
  async saveMeasurement(measurement: Measurement): Promise<void> {
    await this.#write(async (queries) => {
      const { id, startedAt, workload, workloadSha256, policy } = measurement;
      const row = {
        id,
        at: startedAt,
        workload,
        workload_sha256: workloadSha256,
        policy: policy?.name ?? null,
        source_sha256: policy?.sourceSha256 ?? null,
        summary: measurementSummary(measurement),
        document: text(measurement),
      };
      await queries.replaceInto("measurements").values(row).execute();
      await queries.deleteFrom("runs").where("id", "=", id).execute();
    });
  }

  /** Answers with the id under which the verdict is found again. */
  async saveVerdict(
    verdict: Verdict,
    about: { workload: string | null; at: Date },
  ): Promise<string> {
    const at = about.at.toISOString();
    const id = newRecordId("verdict", about.at);
    await this.#write(async (queries) => {
      const row = {
        id,
        at,
        workload: about.workload,
        policy: verdict.policy.name,
        source_sha256: verdict.policy.sourceSha256,
        summary: verdictSummary(verdict),
        document: text(verdict),
      };
      await queries.insertInto("verdicts").values(row).execute();
    });
    return id;
  }

  /** Keeps what a verdict rests on, and the verdict itself for whoever asks the same again. */
  async saveKnownVerdict(
    verdict: Verdict,
    about: { key: string; evidence: { text: string; sha256: string }; at: Date },
  ): Promise<void> {
    const { key, evidence } = about;
    const at = about.at.toISOString();
    await this.#write(async (queries) => {
      const row = { sha256: evidence.sha256, at, document: evidence.text };
      await queries.replaceInto("evidence").values(row).execute();
      const known = { key, at, document: text(verdict) };
      await queries.replaceInto("known_verdicts").values(known).execute();
      await queries
        .deleteFrom("known_verdicts")
        .where("key", "in", (older) =>
          older
            .selectFrom("known_verdicts")
            .select("key")
            .orderBy("at", "desc")
            .limit(-1)
            .offset(knownVerdictsMax),
        )
        .execute();
    });
  }

  /** Null where nobody asked for it before. */
  async knownVerdict(key: string): Promise<{ verdict: Verdict; at: string } | null> {
    const queries = await this.#kysely();
    return this.#guarded(async () => {
      const row = await queries
        .selectFrom("known_verdicts")
        .select(["document", "at"])
        .where("key", "=", key)
        .executeTakeFirst();
      if (row === undefined) return null;
      return { verdict: verdictSchema.parse(parsed(row.document)), at: row.at };
    });
  }

  /** Takes a program in, or says anew when it was. */
  async saveEnrolledBinary(binary: EnrolledBinary): Promise<void> {
    const { name, version, sha256, enrolledAt: at } = binary;
    await this.#write(async (queries) => {
      const row = { name, version, sha256, at, document: text(binary) };
      await queries.replaceInto("enrolled_binaries").values(row).execute();
    });
  }

  /** The latest first; at most `enrolledBinariesMax`. */
  async enrolledBinaries(): Promise<EnrolledBinary[]> {
    const queries = await this.#kysely();
    return this.#guarded(async () => {
      const rows = await queries
        .selectFrom("enrolled_binaries")
        .select("document")
        .orderBy("at", "desc")
        .orderBy("name")
        .limit(enrolledBinariesMax)
        .execute();
      return rows.map(({ document }) => enrolledBinarySchema.parse(parsed(document)));
    });
  }

  async saveResult(result: Result): Promise<void> {
    await this.#write(async (queries) => {
      const row = {
        id: result.id,
        at: result.startedAt,
        workload: result.workload,
        policy: result.best?.policy.name ?? null,
        summary: resultSummary(result),
        document: text(result),
      };
      await queries.replaceInto("results").values(row).execute();
    });
  }

  /** Newest first. Interrupted measurements are there too, with what was kept of them. */
  async history(query: { workload?: string; limit: number }): Promise<HistoryEntry[]> {
    const { workload, limit } = query;
    if (!Number.isInteger(limit) || limit < 1 || limit > historyEntriesMax) {
      throw new SchedcpError("limit-exceeded", `a history of ${limit} entries cannot be given`, {
        hint: `Ask for 1 to ${historyEntriesMax}.`,
      });
    }
    const queries = await this.#kysely();
    return this.#guarded(() =>
      queries
        .selectFrom("entries")
        .selectAll()
        .$if(workload !== undefined, (entries) => entries.where("workload", "=", workload ?? ""))
        .orderBy("at", "desc")
        .orderBy("id")
        .limit(limit)
        .execute(),
    );
  }

  /** Null where nothing has this id. */
  async document(id: string): Promise<StoredDocument | null> {
    const queries = await this.#kysely();
    return this.#guarded(async () => {
      for (const kind of ["measurement", "verdict", "result"] as const) {
        const table = queries.selectFrom(`${kind}s` as const);
        const row = await table.select("document").where("id", "=", id).executeTakeFirst();
        if (row !== undefined) return { kind, document: parsed(row.document) };
      }
      const run = await queries
        .selectFrom("runs")
        .select("document")
        .where("id", "=", id)
        .executeTakeFirst();
      if (run === undefined) return null;
      const pairs = await queries
        .selectFrom("pairs")
        .select("document")
        .where("run_id", "=", id)
        .orderBy("pair_index")
        .execute();
      const document = { run: parsed(run.document), pairs: pairs.map((p) => parsed(p.document)) };
      return { kind: "run", document };
    });
  }

  async close(): Promise<void> {
    if (this.#queries === undefined) this.#database.close();
    else await (await this.#queries).destroy();
  }

  #kysely(): Promise<Kysely<Tables>> {
    this.#queries ??= import("kysely").then(({ Kysely, SqliteDialect }) => {
      const dialect = new SqliteDialect({ database: forKysely(this.#database) });
      return new Kysely<Tables>({ dialect });
    });
    return this.#queries;
  }

  async #write(work: (queries: Kysely<Tables>) => Promise<void>): Promise<void> {
    const queries = await this.#kysely();
    // Each transaction begins with a write, so waiting for another process is the engine's.
    await this.#guarded(() => queries.transaction().execute(work));
  }

  async #guarded<T>(operation: () => Promise<T>): Promise<T> {
    try {
      return await operation();
    } catch (error) {
      throw storeError(this.#path, error);
    }
  }
}

function text(document: object): string {
  const json = JSON.stringify(document);
  if (Buffer.byteLength(json) > documentBytesMax) {
    throw new SchedcpError("limit-exceeded", "a document is too large for the store", {
      hint: "Measure fewer pairs, or a workload with fewer processes.",
      details: { bytesMax: documentBytesMax },
    });
  }
  return json;
}

function parsed(document: string): unknown {
  return JSON.parse(document);
}
