// The lab: micro-VMs with a real sched_ext kernel, each a node that is used once and thrown away.
// Implements contract/node.ts for the control plane; nothing outside this room knows of QEMU.

import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { SchedcpError } from "../contract/errors.ts";
import type { Environment } from "../contract/measurement.ts";
import type {
  LeaseOptions,
  NodeLease,
  NodeRequest,
  NodeSource,
  Progress,
} from "../contract/node.ts";
import { probeKvm } from "./accelerator.ts";
import { Cache, cacheRoot } from "./cache.ts";
import { runCommand } from "./command.ts";
import { restoreGuest } from "./guest.ts";
import { resolvePrograms } from "./guest-packages.ts";
import { cachedImage, ensureImage, type GuestImage } from "./image.ts";
import { readKernelTypes } from "./kernel-types.ts";
import {
  ensurePackageLayer,
  ensureProgramLayer,
  findOnHost,
  hostProgram,
  type Layer,
} from "./layer.ts";
import { ensureOwnKernel } from "./own-kernel.ts";
import { type Machine, program } from "./qemu.ts";
import { ensureSnapshot } from "./snapshot.ts";
import { ensureSupport, type Support } from "./support.ts";

/** What a guest costs beside its own memory: QEMU and its translation cache. */
const guestOverheadMib = 350;
/** Memory that guests leave to the host. */
const hostReserveMib = 512;
const memoryWaitMs = 60_000;
/** A turn that comes sooner was not waited for in any sense that matters. */
const turnWaitToldMs = 1000;

export interface LabOptions {
  /** Whether the image may be made when it is missing; otherwise that is `missing-setup`. */
  mayBuild: boolean;
  cacheDirectory?: string;
  /** The user's own kernel image (vmlinuz or vmlinux) in place of the suite's. */
  kernel?: string;
}

interface Prepared {
  machine: Machine;
  snapshot: string;
  environment: Environment;
}

export class Lab implements NodeSource {
  readonly name = "lab";
  readonly #cache: Cache;
  readonly #options: LabOptions;
  readonly #prepared = new Map<string, Promise<Prepared>>();
  readonly #leases = new Set<NodeLease>();
  readonly #closing = new AbortController();

  constructor(cache: Cache, options: LabOptions) {
    this.#cache = cache;
    this.#options = options;
  }

  async prepare(
    request: NodeRequest,
    progress: Progress,
    signal?: AbortSignal,
  ): Promise<Environment> {
    return (await this.#ready(request, progress, signal)).environment;
  }

  /** A fresh guest, woken. Waits for memory, and for its turn where it is to be measured. */
  async lease(request: NodeRequest, options: LeaseOptions = {}): Promise<NodeLease> {
    const { progress = () => undefined, signal } = options;
    const { machine, snapshot, environment } = await this.#ready(request, progress, signal);
    signal?.throwIfAborted();
    if (this.#closing.signal.aborted) throw new Error("the lab is closed");
    const wait = (message: string) => progress({ step: "wait", message });
    const freeTurn = request.measured ? await this.#turn(wait, signal) : noTurn;
    try {
      await memoryFor(machine.memoryMib + guestOverheadMib, wait, signal);
      const released = async () => {
        this.#leases.delete(lease);
        await freeTurn();
      };
      const lease = await restoreGuest(machine, snapshot, environment, released, signal);
      this.#leases.add(lease);
      return lease;
    } catch (error) {
      await freeTurn();
      throw error;
    }
  }

  /** The header that policies for this lab's kernel are compiled against. */
  async vmlinuxHeader(progress: Progress, signal?: AbortSignal): Promise<string> {
    return (await this.#image(progress, signal)).vmlinuxHeader;
  }

  /** The types of this lab's kernel (its .BTF section), its release, and the digest of the image. */
  async kernelTypes(
    progress: Progress,
    signal?: AbortSignal,
  ): Promise<{ release: string; btf: Uint8Array; imageSha256: string }> {
    const image = await this.#image(progress, signal);
    const { kernel: release, sha256: imageSha256 } = image.lock;
    return { release, btf: await readKernelTypes(image.kernel), imageSha256 };
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error("the lab is closed"));
    await Promise.all([...this.#leases].map((lease) => lease.release()));
  }

  /** One guest is measured at a time, among all processes that use this cache. */
  async #turn(wait: (message: string) => void, signal?: AbortSignal): Promise<() => Promise<void>> {
    const told = setTimeout(
      wait,
      turnWaitToldMs,
      "another run is being measured: waiting for its end",
    );
    try {
      return await this.#cache.lock("measured-guest", signal);
    } finally {
      clearTimeout(told);
    }
  }

  /** What several callers share outlives each of them: only the lab's end ends it. */
  async #ready(request: NodeRequest, progress: Progress, signal?: AbortSignal): Promise<Prepared> {
    const { cpus, memoryMib, programs, hostPrograms = [] } = request;
    const key = JSON.stringify([cpus, memoryMib, [...programs].sort(), hostPrograms]);
    let prepared = this.#prepared.get(key);
    if (prepared === undefined) {
      prepared = this.#prepare(request, progress, this.#closing.signal);
      this.#prepared.set(key, prepared);
      prepared.catch(() => this.#prepared.delete(key));
    }
    return signal === undefined ? prepared : unlessAborted(prepared, signal);
  }

  async #prepare(
    request: NodeRequest,
    progress: Progress,
    signal?: AbortSignal,
  ): Promise<Prepared> {
    const programs = await placePrograms(request.programs);
    const hostPrograms = [...(request.hostPrograms ?? [])];
    for (const path of programs.binaries) hostPrograms.push(await hostProgram(path, signal));
    const image = await this.#image(progress, signal);
    const support: Support = await ensureSupport(this.#cache, image, signal);
    const kvm = await probeKvm(this.#cache, image.kernel, support.initialRamDisk);
    const extra: Layer[] = [];
    if (programs.packages.length > 0) {
      extra.push(await ensurePackageLayer(this.#cache, image, programs.packages, progress, signal));
    }
    if (hostPrograms.length > 0) {
      extra.push(await ensureProgramLayer(this.#cache, hostPrograms, signal));
    }
    const machine: Machine = {
      cpus: request.cpus,
      memoryMib: request.memoryMib,
      accelerator: kvm.works ? "kvm" : "tcg",
      kernel: image.kernel,
      initialRamDisk: support.initialRamDisk,
      drives: [image.root, support.path, ...extra.map((layer) => layer.path)],
    };
    const identities = [image.lock.sha256, support.sha256, ...extra.map((layer) => layer.sha256)];
    identities.push(await qemuVersion(signal));
    const snapshot = await ensureSnapshot(this.#cache, machine, identities, progress, signal);
    return { machine, snapshot, environment: environmentOf(machine, image) };
  }

  async #image(progress: Progress, signal?: AbortSignal): Promise<GuestImage> {
    const base = await this.#base(progress, signal);
    const { kernel } = this.#options;
    return kernel === undefined ? base : ensureOwnKernel(this.#cache, base, kernel, signal);
  }

  async #base(progress: Progress, signal?: AbortSignal): Promise<GuestImage> {
    const image = await cachedImage(this.#cache);
    if (image !== null) return image;
    if (this.#options.mayBuild) return ensureImage(this.#cache, progress, signal);
    throw new SchedcpError("missing-setup", "the lab's guest image has not been made yet", {
      hint: "Run `schedcp setup` (or `npm start`) once; it takes a few minutes.",
    });
  }
}

export async function openLab(options: LabOptions): Promise<Lab> {
  const cache = new Cache(options.cacheDirectory ?? cacheRoot());
  await cache.sweep();
  return new Lab(cache, options);
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  return Promise.race([work, aborted.promise]).finally(() =>
    signal.removeEventListener("abort", abort),
  );
}

const noTurn = async (): Promise<void> => undefined;

function environmentOf(machine: Machine, image: GuestImage): Environment {
  return {
    node: "lab",
    kernel: image.lock.kernel,
    cpus: machine.cpus,
    memoryMib: machine.memoryMib,
    accelerator: machine.accelerator,
    emulated: machine.accelerator === "tcg",
    imageSha256: image.lock.sha256,
  };
}

async function qemuVersion(signal: AbortSignal | undefined): Promise<string> {
  const { stdout } = await runCommand(program, ["--version"], { signal });
  return stdout.split("\n")[0] ?? "";
}

/** Packages for the programs that the suite has; for the others, the files on this host. */
async function placePrograms(
  programs: readonly string[],
): Promise<{ packages: string[]; binaries: string[] }> {
  const { layers, unknown } = resolvePrograms([...programs]);
  const binaries: string[] = [];
  const missing: string[] = [];
  for (const program of unknown) {
    const path = await findOnHost(program);
    if (path === null) missing.push(program);
    else binaries.push(path);
  }
  if (missing.length > 0) {
    throw new SchedcpError(
      "missing-program",
      `not known and not on this host: ${missing.join(", ")}`,
      {
        hint: "Name a program that docs/workloads.md lists or that is on your PATH, or take it out of `requires`.",
        details: { programs: missing },
      },
    );
  }
  return { packages: layers.flatMap((layer) => layer.packages), binaries };
}

/** Waits until the host has so much memory to spare; `busy` when it does not come. */
async function memoryFor(
  mib: number,
  wait: (message: string) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const deadline = performance.now() + memoryWaitMs;
  for (let looked = 0; ; looked++) {
    const text = await readFile("/proc/meminfo", "utf8");
    const available = Number(/^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) / 1024;
    if (available >= mib + hostReserveMib) return;
    if (performance.now() > deadline) {
      throw new SchedcpError(
        "busy",
        `a guest needs ${mib} MiB, ${Math.floor(available)} are free`,
        {
          hint: "End other runs, or lower `measure.memoryMib` in the workload.",
        },
      );
    }
    if (looked === 0) wait(`a guest needs ${mib} MiB, ${Math.floor(available)} are free: waiting`);
    await delay(250, undefined, signal === undefined ? {} : { signal });
  }
}
