// The lab's cache: things that can be made again (images, layers, snapshots), each in a directory
// named by the digest of what it was made from. A directory appears whole or not at all: it is built
// under `tmp/` and renamed. Lives outside the checkout; holds no results.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { SchedcpError } from "../contract/errors.ts";
import { asTreeOwner, missingProgram, runCommand } from "./command.ts";
import { makeDirectories } from "./directories.ts";

export function cacheRoot(environment: NodeJS.ProcessEnv = process.env): string {
  if (environment.SCHEDCP_CACHE_DIR) return environment.SCHEDCP_CACHE_DIR;
  const base = environment.XDG_CACHE_HOME || join(environment.HOME || homedir(), ".cache");
  return join(base, "schedcp");
}

/** SHA-256 over the parts, each length-prefixed so that no two lists collide; hex. */
export function digestOf(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) {
    const bytes = typeof part === "string" ? Buffer.from(part) : part;
    hash.update(`${bytes.length}:`).update(bytes);
  }
  return hash.digest("hex");
}

/** Process id and start time: names a process beyond the reuse of its number. */
async function processStamp(pid: number): Promise<string | null> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, "utf8");
    const startTime = text.slice(text.lastIndexOf(")") + 2).split(" ")[19];
    return `${pid}-${startTime}`;
  } catch (error) {
    if (isCode(error, "ENOENT") || isCode(error, "ESRCH")) return null;
    throw error;
  }
}

export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

export class Cache {
  readonly root: string;
  #counter = 0;

  constructor(root: string) {
    this.root = root;
  }

  path(kind: string, key: string): string {
    return join(this.root, kind, key.slice(0, 32));
  }

  /** A fresh private directory, swept by the next start should this process die. */
  async temporary(): Promise<string> {
    const stamp = await processStamp(process.pid);
    this.#counter += 1;
    const path = join(this.root, "tmp", `${stamp}-${this.#counter}`);
    this.#make(join("tmp", `${stamp}-${this.#counter}`));
    return path;
  }

  #make(path: string): void {
    try {
      makeDirectories(join(this.root, path));
    } catch (error) {
      const impossible = isCode(error, "ENOENT") || isCode(error, "EEXIST");
      throw impossible
        ? unusableCache(this.root, "can't be made there", error)
        : asCacheError(error, this.root);
    }
  }

  /**
   * The directory for `key`, made by `make` if it is not there. Of several processes that want it
   * at once, one makes it and the others wait.
   */
  async entry(
    kind: string,
    key: string,
    make: (directory: string) => Promise<void>,
    signal?: AbortSignal,
  ): Promise<string> {
    const path = this.path(kind, key);
    if (existsSync(path)) return path;
    this.#make(kind);
    const release = await this.lock(`${kind}-${key.slice(0, 32)}`, signal);
    try {
      if (existsSync(path)) return path;
      const directory = await this.temporary();
      try {
        await make(directory);
        await rename(directory, path);
      } catch (error) {
        throw asCacheError(error, this.root);
      } finally {
        await removeTree(directory);
      }
      return path;
    } finally {
      await release();
    }
  }

  /**
   * Holds a name among all processes of this cache, waiting for whoever has it. The kernel keeps the
   * lock (flock) for a child that ends with us, however we end, so none is ever left behind.
   */
  async lock(name: string, signal?: AbortSignal): Promise<() => Promise<void>> {
    signal?.throwIfAborted();
    const path = join(this.root, "locks", name);
    this.#make("locks");
    try {
      await writeFile(path, "", { flag: "a" });
    } catch (error) {
      throw asCacheError(error, this.root);
    }
    const holder = spawn("flock", ["--exclusive", path, "sh", "-c", "echo held; exec cat"], {
      stdio: ["pipe", "pipe", "ignore"],
      detached: true,
    });
    const ended = new Promise<void>((resolve) => {
      holder.once("close", () => resolve());
      holder.once("error", () => resolve());
    });
    const release = async () => {
      holder.stdin.destroy();
      await ended;
    };
    // Killed while it waits, it starts no child; killed as it gets the lock, its child reads the end.
    const giveUp = () => {
      holder.kill("SIGKILL");
      void release();
    };
    signal?.addEventListener("abort", giveUp, { once: true });
    if (signal?.aborted) giveUp();
    const held = await new Promise<boolean>((resolve, reject) => {
      holder.stdout.once("data", () => resolve(true));
      holder.once("error", () => reject(missingProgram("flock")));
      void ended.then(() => resolve(false));
    });
    signal?.removeEventListener("abort", giveUp);
    if (!held || signal?.aborted) {
      await release();
      signal?.throwIfAborted();
      throw new Error(`the lock ${path} could not be held`);
    }
    return release;
  }

  /** Removes what processes that are gone left under `tmp/`. */
  async sweep(): Promise<number> {
    const directory = join(this.root, "tmp");
    if (!existsSync(directory)) return 0;
    let swept = 0;
    for (const name of await readdir(directory)) {
      const stamp = name.split("-").slice(0, 2).join("-");
      if (await isAlive(stamp)) continue;
      await removeTree(join(directory, name));
      swept += 1;
    }
    return swept;
  }
}

async function isAlive(stamp: string): Promise<boolean> {
  const pid = Number(stamp.split("-")[0]);
  return Number.isInteger(pid) && pid > 0 && (await processStamp(pid)) === stamp;
}

const unusable: Record<string, string> = {
  EACCES: "may not be read or written",
  EPERM: "may not be written",
  EROFS: "is on a read-only file system",
  ENOTDIR: "is no directory",
};

/** A cache directory that is full or can't be used, as the error that says so; others as they are. */
export function asCacheError(error: unknown, root: string): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const words = error instanceof SchedcpError ? String(error.details?.stderr ?? "") : "";
  if (["ENOSPC", "EDQUOT"].includes(code) || /No space left on device/.test(words)) {
    return new SchedcpError("no-space", `no space left on the disk that holds ${root}`, {
      hint: "Free at least 3 GB there, or set SCHEDCP_CACHE_DIR to a directory on another disk.",
      cause: error,
    });
  }
  const reason = unusable[code];
  if (reason === undefined) return error;
  return unusableCache(root, reason, error);
}

function unusableCache(root: string, reason: string, cause: unknown): SchedcpError {
  return new SchedcpError("file-unreadable", `the cache directory ${root} ${reason}`, {
    hint: "Set SCHEDCP_CACHE_DIR to a directory of yours with 3 GB free.",
    cause,
  });
}

export async function fileDigest(path: string): Promise<string> {
  const { createReadStream } = await import("node:fs");
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest("hex");
}

/**
 * Removes a directory with all that is in it, also what belongs to subordinate ids of ours (a system's
 * tree that an ordinary user built): those can be removed only as the tree's owner.
 */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    if (!isCode(error, "EACCES") && !isCode(error, "EPERM") && !isCode(error, "ENOTEMPTY"))
      throw error;
    await runCommand(...asTreeOwner("rm", ["-rf", "--", path]));
  }
}
