// Does to a lab guest what a machine's life does to a scheduler: other nice levels, weights and CPU
// masks, CPUs that go and come, a real-time hog, a scheduler that is taken away. Called through
// disturbances.ts only, which sees to time and to the taking back.

import { readFile, writeFile } from "node:fs/promises";
import { setPriority } from "node:os";
import { join } from "node:path";
import type { Disturbance } from "../contract/node-protocol.ts";
import type { Clock } from "./clock.ts";
import type { Deployment } from "./deployment.ts";
import type { Disturber, Undo } from "./disturbances.ts";
import type { WorkloadCgroups } from "./workload-cgroups.ts";

export interface DisturberParts {
  cgroups: Pick<WorkloadCgroups, "processesOf" | "enableWeights" | "setWeight">;
  deployment: Pick<Deployment, "unload" | "killLoader">;
  /** /sys/devices/system/cpu. */
  cpuDirectory: string;
  /** /sys/kernel/debug/sched/ext_server; need not exist. */
  serverDirectory: string;
  clock: Clock;
  /** Runs a program to its end; throws where it fails. */
  run(program: string, given: readonly string[]): Promise<void>;
  /** Starts a SCHED_FIFO loop on the CPU; answers, once it runs, how to end it. */
  startHog(cpu: number): Promise<() => void>;
}

export class NodeDisturber implements Disturber {
  readonly #parts: DisturberParts;

  constructor(parts: DisturberParts) {
    this.#parts = parts;
  }

  async disturb(disturbance: Disturbance): Promise<Undo | null> {
    const { cgroups, deployment } = this.#parts;
    switch (disturbance.kind) {
      case "nice":
        for (const pid of await cgroups.processesOf(disturbance.entry)) {
          setPriority(pid, disturbance.nice);
        }
        return null;
      case "affinity":
        for (const pid of await cgroups.processesOf(disturbance.entry)) {
          await this.#parts.run("taskset", ["-pc", disturbance.cpus.join(","), String(pid)]);
        }
        return null;
      case "cpu-weight":
        await cgroups.enableWeights(true);
        await cgroups.setWeight(disturbance.entry, disturbance.weight);
        return () => cgroups.enableWeights(false);
      case "cpu-offline":
        await this.#setOnline(disturbance.cpu, false);
        return () => this.#setOnline(disturbance.cpu, true);
      case "cpu-online":
        await this.#setOnline(disturbance.cpu, true);
        return null;
      case "real-time-hog":
        return this.#hog(disturbance.cpu, disturbance.durationMs);
      case "unload":
        await deployment.unload();
        return null;
      case "kill-loader":
        await deployment.killLoader();
        return null;
    }
  }

  /** Nothing to do where it is so already. */
  async #setOnline(cpu: number, online: boolean): Promise<void> {
    const file = join(this.#parts.cpuDirectory, `cpu${cpu}`, "online");
    const wanted = online ? "1" : "0";
    if ((await readFile(file, "utf8")).trim() !== wanted) await writeFile(file, wanted);
  }

  async #hog(cpu: number, durationMs: number): Promise<Undo> {
    const kill = await this.#parts.startHog(cpu);
    const restoreServer = await this.#restServer(cpu).catch((thrown: unknown) => {
      kill();
      throw thrown;
    });
    let over: Promise<void> | null = null;
    const end = () => {
      kill();
      over ??= restoreServer();
      return over;
    };
    // What fails here is told by the undo, which waits for the same.
    void this.#parts.clock.sleep(durationMs).then(() => end().catch(() => undefined));
    return end;
  }

  /** The kernel's server gives this class 5 % of a CPU even beside a hog; the CPU's rests meanwhile. */
  async #restServer(cpu: number): Promise<Undo> {
    const file = join(this.#parts.serverDirectory, `cpu${cpu}`, "runtime");
    try {
      const runtime = (await readFile(file, "utf8")).trim();
      await writeFile(file, "0");
      return () => writeFile(file, runtime);
    } catch (thrown) {
      // Older kernels have no such server.
      if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return async () => undefined;
      throw thrown;
    }
  }
}
