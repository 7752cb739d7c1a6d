// The schema, as the steps that lead to it. A step that was released is never changed: what is to
// be different is a new step. Plain SQL, run once per file before anything else uses it.

import type { DatabaseSync } from "node:sqlite";
import { SchedcpError } from "../../contract/errors.ts";

/** Step i leads from schema version i to i + 1. The version is SQLite's `user_version`. */
const steps: readonly string[] = [
  `
  -- Documents are whole JSON texts of the contract's types; the columns beside them are what is
  -- searched or listed. Times are ISO 8601 in UTC, which sorts as text.
  create table measurements (
    id text primary key, at text not null, workload text not null, workload_sha256 text not null,
    policy text, source_sha256 text, summary text not null, document text not null
  ) strict;
  create table verdicts (
    id text primary key, at text not null, workload text, policy text not null,
    source_sha256 text not null, summary text not null, document text not null
  ) strict;
  create table results (
    id text primary key, at text not null, workload text not null, policy text,
    summary text not null, document text not null
  ) strict;
  -- A measurement that has begun and not been saved: its pairs are kept as they come.
  create table runs (
    id text primary key, at text not null, workload text not null, policy text,
    document text not null
  ) strict;
  create table pairs (
    run_id text not null references runs (id) on delete cascade,
    pair_index integer not null, document text not null,
    primary key (run_id, pair_index)
  ) strict;
  create view entries as
    select id, 'measurement' as kind, at, workload, policy, summary from measurements
    union all select id, 'verdict', at, workload, policy, summary from verdicts
    union all select id, 'result', at, workload, policy, summary from results
    union all
      select id, 'measurement', at, workload, policy, 'unfinished: ' || count(*) || ' pairs kept'
      from runs join pairs on pairs.run_id = runs.id group by runs.id;
  create index measurements_at on measurements (at);
  create index verdicts_at on verdicts (at);
  create index results_at on results (at);
  create index measurements_source on measurements (source_sha256, workload);
  `,
  `
  -- What a verdict rests on, by the digest that tokens carry.
  create table evidence (sha256 text primary key, at text not null, document text not null) strict;
  -- Verdicts by what they hold for: asking again is free.
  create table known_verdicts (key text primary key, at text not null, document text not null) strict;
  create index known_verdicts_at on known_verdicts (at);
  `,
  `
  -- Production schedulers' own programs that the store's owner took in: these bytes under this name.
  create table enrolled_binaries (
    name text not null, version text not null, sha256 text not null, at text not null,
    document text not null, primary key (name, version, sha256)
  ) strict;
  `,
];

export const schemaVersion = steps.length;

/** Brings the file to this version. A file of a newer schedcp is refused, untouched. */
export function migrate(database: DatabaseSync, path: string): void {
  if (versionOf(database, path) === schemaVersion) return;
  // Immediate: of two processes that find an old file, one waits and then finds it done.
  database.exec("begin immediate");
  try {
    for (const step of steps.slice(versionOf(database, path))) database.exec(step);
    database.exec(`pragma user_version = ${schemaVersion}; commit;`);
  } catch (error) {
    if (database.isTransaction) database.exec("rollback");
    throw error;
  }
}

function versionOf(database: DatabaseSync, path: string): number {
  const version = Number(database.prepare("pragma user_version").get()?.user_version);
  if (version > schemaVersion) {
    throw new SchedcpError(
      "store-newer",
      `the store was written by a newer schedcp (schema ${version}; this one knows ${schemaVersion})`,
      {
        hint: `Update schedcp, or set SCHEDCP_DATA_DIR to another directory; ${path} was left as it is.`,
        details: { path, version, known: schemaVersion },
      },
    );
  }
  return version;
}
