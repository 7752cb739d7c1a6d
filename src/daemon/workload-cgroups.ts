// The cgroups that a workload's processes run in: one an entry under `schedcp-workload`, which holds
// the limits of all of them. Never the cpu controller: both arms of a measurement share the CPU as
// ordinary processes do. A cgroup's id is what a policy's hints name, so one that is pinned stays.

import { mkdir, readdir, readFile, rmdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SchedcpError } from "../contract/errors.ts";
import { type Clock, waitUntil } from "./clock.ts";

/** No entry can have this name: theirs begin with a letter or a digit. */
export const setupEntry = "_setup";

/** Processes of a workload with all their children. */
const pidsMax = 8192;
const killLimitMs = 5_000;
const pollMs = 10;

export class WorkloadCgroups {
  readonly directory: string;
  readonly #root: string;
  readonly #memoryBytesMax: number;
  readonly #clock: Clock;
  #pinned: ReadonlySet<string> = new Set();
  #limited = false;
  #memoryKillsBefore = 0;

  /** `root`: where the cgroup2 file system is mounted. */
  constructor(root: string, memoryBytesMax: number, clock: Clock) {
    this.#root = root;
    this.directory = join(root, "schedcp-workload");
    this.#memoryBytesMax = memoryBytesMax;
    this.#clock = clock;
  }

  /** Makes the entry's cgroup where it is not there yet; its directory. */
  async ensure(entry: string): Promise<string> {
    if (!this.#limited) await this.#limit();
    const directory = join(this.directory, entry);
    await mkdir(directory, { recursive: true });
    return directory;
  }

  /** The kernel's id of the entry's cgroup (its inode), making it where needed. */
  async idOf(entry: string): Promise<bigint> {
    return (await stat(await this.ensure(entry), { bigint: true })).ino;
  }

  /** These entries' cgroups stay from now on, with their ids; others go with the run that used them. */
  pin(entries: readonly string[]): void {
    this.#pinned = new Set(entries);
  }

  /** Kills every process of the workload and removes the cgroups that are not pinned. */
  async clear(): Promise<void> {
    if (!this.#limited) return;
    await writeFile(join(this.directory, "cgroup.kill"), "1");
    const empty = await waitUntil(this.#clock, killLimitMs, pollMs, () => this.#isEmpty());
    if (!empty) {
      throw new SchedcpError("internal", "processes of the workload can't be killed", {
        hint: "Restart the node: a process hangs in the kernel, or its scheduler gives it no CPU to die.",
        details: { stage: "kill" },
      });
    }
    this.#memoryKillsBefore = await this.#allMemoryKills();
    for (const file of await readdir(this.directory, { withFileTypes: true })) {
      if (file.isDirectory() && !this.#pinned.has(file.name)) {
        await rmdir(join(this.directory, file.name));
      }
    }
  }

  /** CPU time that the entry's processes have used since its cgroup was made, ms. */
  async cpuMsOf(entry: string): Promise<number> {
    const text = await readFile(join(this.directory, entry, "cpu.stat"), "utf8");
    return Number(/^usage_usec (\d+)$/m.exec(text)?.[1] ?? 0) / 1000;
  }

  /** Processes that the entry has now. */
  async processesOf(entry: string): Promise<number[]> {
    const text = await readFile(join(this.directory, entry, "cgroup.procs"), "utf8");
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map(Number);
  }

  /**
   * The cpu controller for the entries' cgroups, which they otherwise never have, and its end. Without
   * it the kernel takes all entries for one group.
   */
  async enableWeights(enabled: boolean): Promise<void> {
    const word = enabled ? "+cpu" : "-cpu";
    const directories = [this.#root, this.directory];
    for (const directory of enabled ? directories : directories.reverse()) {
      await writeFile(join(directory, "cgroup.subtree_control"), word);
    }
  }

  async setWeight(entry: string, weight: number): Promise<void> {
    await writeFile(join(this.directory, entry, "cpu.weight"), String(weight));
  }

  /** How often the kernel killed a process because memory ran out, since the last clearing. */
  async outOfMemoryKills(): Promise<number> {
    return (await this.#allMemoryKills()) - this.#memoryKillsBefore;
  }

  async #allMemoryKills(): Promise<number> {
    const events = await readFile(join(this.directory, "memory.events"), "utf8");
    return Number(/^oom_kill (\d+)$/m.exec(events)?.[1] ?? 0);
  }

  async #limit(): Promise<void> {
    await mkdir(this.directory, { recursive: true });
    await writeFile(join(this.#root, "cgroup.subtree_control"), "+memory +pids");
    await writeFile(join(this.directory, "memory.max"), String(this.#memoryBytesMax));
    await writeFile(join(this.directory, "pids.max"), String(pidsMax));
    this.#limited = true;
  }

  async #isEmpty(): Promise<boolean> {
    const events = await readFile(join(this.directory, "cgroup.events"), "utf8");
    return /^populated 0$/m.test(events);
  }
}
