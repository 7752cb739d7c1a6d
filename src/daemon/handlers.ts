// The daemon's privileged interface: one table, a handler a method. Each checks here whether it is
// permitted; what it does is its part's business. Called through contract/rpc.ts only.

import type { NodeHandlers } from "../contract/rpc.ts";
import type { Binaries } from "./binaries.ts";
import type { Deployment } from "./deployment.ts";
import { missingPrograms, type NodeFacts } from "./node-facts.ts";
import { permitBinary, permitDisturbances, permitLoad } from "./permission.ts";
import type { SchedExt } from "./sched-ext.ts";
import type { WakeRequest } from "./wake.ts";
import type { WorkloadRuns } from "./workload.ts";
import type { WorkloadCgroups } from "./workload-cgroups.ts";

export interface DaemonParts {
  facts: NodeFacts;
  kernelCommandLine: string;
  workloadPath: readonly string[];
  schedExt: SchedExt;
  deployment: Deployment;
  binaries: Binaries;
  cgroups: WorkloadCgroups;
  workloads: WorkloadRuns;
  /** New clock, entropy and names; the new id of this node's life. */
  wake(request: WakeRequest): Promise<string>;
  powerOff(): void;
}

export function createHandlers(parts: DaemonParts): NodeHandlers {
  const { deployment, workloads, cgroups } = parts;
  let bootId = parts.facts.bootId;
  return {
    "node.describe": async () => ({
      ...parts.facts,
      bootId,
      schedExt: await parts.schedExt.read(),
    }),

    "node.wake": async (request) => {
      bootId = await parts.wake(request);
      return { nonce: request.nonce };
    },

    "node.missing": async ({ programs }) => ({
      missing: await missingPrograms(programs, parts.workloadPath),
    }),

    "policy.load": async (request, { signal }) => {
      const permission = permitLoad(request, parts.kernelCommandLine);
      if (!permission.permitted) throw permission.error;
      const entries = Object.entries(request.hints);
      const hints = [];
      for (const [entry, cpuMs] of entries) {
        hints.push({ cgroupId: await cgroups.idOf(entry), cpuMs });
      }
      const { name, sha256, knobs, imposed } = request;
      const object = Buffer.from(request.object, "base64");
      const deployed = await deployment.load(
        { name, object, sha256, knobs, hints, imposed },
        signal,
      );
      cgroups.pin(entries.map(([entry]) => entry));
      return deployed;
    },

    "policy.start-binary": async (request, { signal }) => {
      const permission = permitBinary(parts.kernelCommandLine);
      if (!permission.permitted) throw permission.error;
      const { started } = await deployment.adopt(() => parts.binaries.start(request, signal));
      return started;
    },

    "policy.status": () => deployment.status(),

    "policy.unload": async () => {
      const status = await deployment.unload();
      cgroups.pin([]);
      return status;
    },

    "policy.read-map": async ({ name, bytesMax }) => ({
      data: await deployment.readMap(name, bytesMax),
    }),

    "workload.run": async (request, { signal }) => {
      const disturbances = request.disturbances ?? [];
      if (disturbances.length > 0) {
        const permission = permitDisturbances(parts.kernelCommandLine);
        if (!permission.permitted) throw permission.error;
      }
      return workloads.run({ ...request, disturbances }, signal);
    },

    "workload.observe": () => workloads.observe(),

    "workload.stop": async () => {
      workloads.stop();
      return {};
    },

    "node.power-off": async (_, { afterReply }) => {
      await deployment.unload();
      afterReply(parts.powerOff);
      return {};
    },
  };
}
