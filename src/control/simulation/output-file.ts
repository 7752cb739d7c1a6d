// Files that a simulation writes where the user asked for them: known to be writable before it begins,
// and there whole or not at all.

import { randomBytes } from "node:crypto";
import { access, constants, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
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

/** Files by what they are for: `--trace`, "the policy". */
export interface NamedFile {
  what: string;
  path: string;
}

/** Throws `usage` where two of the outputs are one file, or an output is a file that is read. */
export async function assertApart(
  outputs: readonly NamedFile[],
  inputs: readonly NamedFile[],
): Promise<void> {
  const taken = new Map<string, string>();
  for (const { what, path } of inputs) {
    taken.set(await place(path), what);
    // A link: what it leads to must stay, too.
    taken.set(await realpath(path).catch(() => resolve(path)), what);
  }
  for (const { what, path } of outputs) {
    const at = await place(path);
    const other = taken.get(at);
    if (other !== undefined) {
      throw new SchedcpError("usage", `${what} ${path} is the same file as ${other}`, {
        hint: "Give every file that is written a path of its own.",
      });
    }
    taken.set(at, what);
  }
}

/** Where a file of that path is or would be: a link is replaced itself, not what it leads to. */
async function place(path: string): Promise<string> {
  const whole = resolve(path);
  const directory = dirname(whole);
  return join(await realpath(directory).catch(() => directory), basename(whole));
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
