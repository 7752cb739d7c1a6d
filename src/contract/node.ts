// What the control plane asks of a place that has nodes: the lab today, hosts and a fleet later.
// The lab implements it; control uses nothing of the lab but this.

import type { Environment } from "./measurement.ts";
import type { NodeConnection } from "./node-protocol.ts";

export interface NodeRequest {
  cpus: number;
  memoryMib: number;
  /** Programs (command names) that must be there: each is provided by the image or by a layer. */
  programs: string[];
  /** Programs of this host that are put there as they are; each is on the PATH by its name. */
  hostPrograms?: readonly HostProgram[];
  /** Numbers will be taken on it: no other measured node of this source runs at the same time. */
  measured?: boolean;
}

/** A file of this host. What has another digest is not taken. */
export interface HostFile {
  path: string;
  sha256: string;
}

export interface HostProgram {
  /** What it is called there: of nameSchema's form. */
  name: string;
  file: HostFile;
  /** The shared libraries that it needs, its dynamic linker among them; none for a static program. */
  libraries: readonly HostFile[];
}

/** A node in hand, fresh. In the lab: a guest restored a moment ago that nobody used before. */
export interface NodeLease {
  readonly connection: NodeConnection;
  readonly environment: Environment;
  /** Milliseconds that the host kept this node's runnable vCPU threads waiting since the lease began. */
  stealMs(): Promise<number>;
  /**
   * Why the node died; null where it lives. Asked once its channel broke: the words that tell the cause
   * can come after that, and are waited for. `emulator` is not the policy's doing.
   */
  causeOfDeath(): Promise<NodeDeath | null>;
  /** Ends it. Idempotent; never throws. */
  release(): Promise<void>;
}

export interface NodeDeath {
  kind: "emulator" | "kernel-panic" | "gone";
  /** Lines of the guest's console that say so, bounded, escaped. */
  log: string[];
}

export interface NodeSource {
  readonly name: string;
  /** The environment that leases for this request will have. Makes images and snapshots where needed. */
  prepare(request: NodeRequest, progress: Progress, signal?: AbortSignal): Promise<Environment>;
  lease(request: NodeRequest, options?: LeaseOptions): Promise<NodeLease>;
}

export interface LeaseOptions {
  /** Told when there is something to wait for: memory, or another measured node's end. */
  progress?: Progress;
  signal?: AbortSignal;
}

/** What a long operation tells while it runs. Drawn on a terminal, or sent as MCP progress. */
export interface ProgressEvent {
  /** Closed set of steps, e.g. `setup`, `profile`, `verify`, `screen`, `confirm`, `trace`, `report`. */
  step: string;
  message: string;
  /** 0..1 of the whole operation, where known. */
  fraction?: number;
  etaSeconds?: number;
  /** A candidate that finished a round, for the live table. */
  candidate?: { label: string; improvementPercent: number | null; note: string };
}
export type Progress = (event: ProgressEvent) => void;
