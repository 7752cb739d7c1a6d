// Files that a simulation writes where the user asked for them: known to be writable before it begins,
// and there whole or not at all.

import { randomBytes } from "node:crypto";
import { access, constants, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { SchedcpError } from "../../contract/errors.ts";

/** Throws `file-unreadable` where no file can be written there. */
export async function assertOutputPath(path: string): Promise<void> {
  try {
    await access(dirname(resolve(path)), constants.W_OK);
  } catch (error) {
    throw unwritable(path, error);
  }
  const there = await stat(path).catch(() => null);
  if (there !== null && !there.isFile()) throw unwritable(path, new Error("it is no file"));
}

export async function writeOutputFile(path: string, text: string): Promise<void> {
  const unfinished = `${path}.${randomBytes(6).toString("hex")}.part`;
  try {
    await writeFile(unfinished, text, { flag: "wx" });
    await rename(unfinished, path);
  } catch (error) {
    await Promise.allSettled([rm(unfinished, { force: true })]);
    throw unwritable(path, error);
  }
}

function unwritable(path: string, cause: unknown): SchedcpError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new SchedcpError("no-space", `no space left to write ${path}`, {
      hint: "Free some space, or name a file on another disk.",
      cause,
    });
  }
  const reason = cause instanceof Error && code === "" ? cause.message : code;
  return new SchedcpError("file-unreadable", `${path} cannot be written: ${reason}`, {
    hint: "Name a file in a directory that is there and that you may write to.",
    cause,
  });
}
