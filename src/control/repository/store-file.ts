// Where the store lies and how its file is opened: pragmas, and what SQLite's errors mean to a user.
// Called by store.ts alone; knows of no table.

import { statfsSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { SchedcpError } from "../../contract/errors.ts";
import { makeDirectories } from "../../lab/directories.ts";

/** How long a writer waits for another process's transaction. A transaction takes milliseconds. */
const busyTimeoutMs = 10_000;
/** An I/O error with less than this free is a full disk: SQLite does not always say so itself. */
const freeBytesMin = 1024 * 1024;

/** `$SCHEDCP_DATA_DIR`, else `$XDG_DATA_HOME/schedcp`, else `~/.local/share/schedcp`. */
export function dataDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  const own = environment.SCHEDCP_DATA_DIR;
  if (own !== undefined && own !== "") return own;
  const shared = environment.XDG_DATA_HOME;
  // The XDG specification: a path that is not absolute is to be ignored.
  if (shared !== undefined && isAbsolute(shared)) return join(shared, "schedcp");
  return join(homedir(), ".local/share/schedcp");
}

/** A directory of that name in the data directory; made where it is missing. */
export function ensureDataDirectory(name: string): string {
  const path = join(dataDirectory(), name);
  makeDirectories(path, 0o700);
  return path;
}

export function storePath(environment: NodeJS.ProcessEnv = process.env): string {
  return join(dataDirectory(environment), "schedcp.db");
}

/**
 * Opens the file, made where it is missing. WAL: readers and one writer of other processes go on
 * side by side, and a process killed at any point loses at most its unfinished transaction.
 * `synchronous=FULL`: a commit survives a power cut too; at one commit per measured pair (seconds
 * apart) its fsync costs nothing that could be noticed.
 */
export async function openDatabase(path: string): Promise<DatabaseSync> {
  const { DatabaseSync } = await import("node:sqlite");
  return asStoreError(path, () => {
    makeDirectories(dirname(path), 0o700);
    const database = new DatabaseSync(path, { timeout: busyTimeoutMs });
    try {
      database.exec("pragma journal_mode = wal; pragma synchronous = full;");
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/** Runs an operation on the store's file; what SQLite or the file system refuses becomes ours. */
export function asStoreError<T>(path: string, operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    throw storeError(path, error);
  }
}

// Primary result codes of SQLite (https://www.sqlite.org/rescode.html).
const sqlite = {
  busy: 5,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  not: 26,
};

/** What is thrown for it: a SchedcpError for what the user can mend, else the error itself. */
export function storeError(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof SchedcpError) return error;
  const systemCode = "code" in error ? error.code : undefined;
  const code = "errcode" in error && typeof error.errcode === "number" ? error.errcode & 0xff : 0;
  const full =
    code === sqlite.full ||
    systemCode === "ENOSPC" ||
    ((code === sqlite.ioError || code === sqlite.cannotOpen) && diskIsFull(path));
  if (full) {
    return new SchedcpError("no-space", "no space is left for the store", {
      hint: `Free some space on the disk of ${path}, or set SCHEDCP_DATA_DIR to a directory elsewhere.`,
      details: { path },
      cause: error,
    });
  }
  if (code === sqlite.busy) {
    return new SchedcpError("busy", "another process keeps the store locked", {
      hint: `End the process that holds ${path} (fuser ${path} names it) and run again.`,
      details: { path },
      cause: error,
    });
  }
  if (code === sqlite.corrupt || code === sqlite.not) {
    return new SchedcpError("file-unreadable", "the store is damaged or is no store", {
      hint: `Move ${path} (with its -wal and -shm files) away; a new one is made by itself.`,
      details: { path },
      cause: error,
    });
  }
  const refused = systemCode === "EACCES" || systemCode === "EPERM" || systemCode === "EROFS";
  const wrongPath = ["ENOENT", "ENOTDIR", "EEXIST"].includes(String(systemCode));
  if (refused || wrongPath || code === sqlite.readOnly || code === sqlite.cannotOpen) {
    return new SchedcpError("file-unreadable", `the store cannot be opened: ${error.message}`, {
      hint: `Make ${path} writable for this user, or set SCHEDCP_DATA_DIR to a directory that is.`,
      details: { path },
      cause: error,
    });
  }
  return error;
}

function diskIsFull(path: string): boolean {
  const { bavail, bsize } = statfsSync(dirname(path));
  return bavail * bsize < freeBytesMin;
}
