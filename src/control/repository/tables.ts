// Rows of the store's tables, as Kysely sees them, and node:sqlite in the form that Kysely's SQLite
// dialect asks for. Called by store.ts; the schema itself is in migrations.ts.

import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { SqliteDatabase } from "kysely";
import type { HistoryEntry } from "../control-plane.ts";

interface DocumentRow {
  id: string;
  at: string;
  summary: string;
  document: string;
}

export interface Tables {
  measurements: DocumentRow & {
    workload: string;
    workload_sha256: string;
    policy: string | null;
    source_sha256: string | null;
  };
  verdicts: DocumentRow & { workload: string | null; policy: string; source_sha256: string };
  results: DocumentRow & { workload: string; policy: string | null };
  runs: Omit<DocumentRow, "summary"> & { workload: string; policy: string | null };
  /** A view over the others: what a history lists. */
  entries: HistoryEntry;
  pairs: { run_id: string; pair_index: number; document: string };
  evidence: { sha256: string; at: string; document: string };
  enrolled_binaries: {
    name: string;
    version: string;
    sha256: string;
    at: string;
    document: string;
  };
  known_verdicts: { key: string; at: string; document: string };
}

/** The dialect's view of a database: statements that say whether they answer with rows. */
export function forKysely(database: DatabaseSync): SqliteDatabase {
  return {
    close: () => database.close(),
    prepare(sql) {
      const statement = database.prepare(sql);
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...parameters.map(bound)),
        // A full disk makes SQLite roll back by itself; to do so again would hide the first error.
        run: (parameters) =>
          sql === "rollback" && !database.isTransaction
            ? { changes: 0, lastInsertRowid: 0 }
            : statement.run(...parameters.map(bound)),
        iterate: (parameters) => statement.iterate(...parameters.map(bound)),
      };
    },
  };
}

/** A parameter as SQLite takes it. Anything else is a fault of ours: nothing is converted silently. */
function bound(value: unknown): SQLInputValue {
  if (value === null || typeof value === "string" || typeof value === "number") return value;
  if (typeof value === "bigint" || value instanceof Uint8Array) return value;
  throw new TypeError(`a ${typeof value} cannot be stored`);
}
