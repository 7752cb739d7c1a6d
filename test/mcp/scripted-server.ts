// An MCP server over stdio on a control plane that plays a script, for what takes minutes with the
// lab: progress, calls that wait for a running experiment, cancellation. By the experiment's seed:
// 1 ends after a few steps of progress, 2 goes on until aborted, 3 fails. Each abort is told on stderr.

import { setTimeout as delay } from "node:timers/promises";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { SchedcpError } from "../../src/contract/errors.ts";
import type { Measurement } from "../../src/contract/measurement.ts";
import type { ControlPlane } from "../../src/control/control-plane.ts";
import { Jobs } from "../../src/mcp/jobs.ts";
import { makeServer } from "../../src/mcp/server.ts";

const unscripted = () => Promise.reject(new Error("not in the script"));

const control: ControlPlane = {
  profile: unscripted,
  showPolicy: unscripted,
  verify: unscripted,
  simulate: unscripted,
  screen: unscripted,
  trace: unscripted,
  explain: unscripted,
  saveResult: unscripted,
  close: () => Promise.resolve(),
  searchPolicies: async () => [{ name: "odd", summary: "a\u001b[31m\u202eb", tags: [] }],
  history: async () => [],
  async experiment(request, { progress, signal } = {}) {
    if (request.seed === 3) {
      throw new SchedcpError("workload-failed", "gzip failed", { hint: "Mend the command." });
    }
    if (request.seed === 2) {
      const aborted = new Promise((_, reject) => {
        signal?.addEventListener("abort", () => {
          process.stderr.write("aborted\n");
          reject(new SchedcpError("interrupted", "interrupted", { hint: "Run it again." }));
        });
      });
      process.stderr.write("started\n");
      await aborted;
    }
    for (let step = 1; step <= 4; step++) {
      progress?.({ step: "measure", message: `pair ${step}`, fraction: step / 4 });
      await delay(60);
    }
    return measurement(request.workload.name, request.seed ?? 0);
  },
};

/** Calls wait so short that the script's experiment needs several. */
const callWaitMs = 100;
const jobs = new Jobs<Measurement>((_ms, signal) =>
  delay(callWaitMs, undefined, { signal }).catch(() => undefined),
);
serveStdio(() => makeServer(control, jobs, "0.0.0"));

function measurement(workload: string, seed: number): Measurement {
  const spread = { median: 2.00012345, mean: 2, min: 2, max: 2, cvPercent: 0 };
  return {
    id: "measurement-1",
    workload,
    workloadSha256: "0".repeat(64),
    policy: null,
    environment: {
      node: "lab",
      kernel: "7.2.12",
      cpus: 2,
      memoryMib: 1024,
      accelerator: "tcg",
      emulated: true,
      imageSha256: "0".repeat(64),
    },
    startedAt: "2026-01-01T00:00:00.000Z",
    seconds: 60,
    seed,
    objective: {
      metric: "makespan",
      unit: "s",
      direction: "minimise",
      default: spread,
      candidate: spread,
      improvementPercent: 0.5,
      confidenceInterval: [-1, 2],
    },
    others: [],
    guardrails: [],
    pairs: [],
    voidPairs: 0,
    guestsRetried: 0,
    complete: true,
  };
}
