// The whole verdict of a policy in C, each in a process and with a store of its own, so that none is known
// already: `sh bin/node bench/verdict.ts [RUNS]`. Afterwards the same where it is known.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { report, timing } from "./timing.ts";

const runs = Number(process.argv[2] ?? 5);
for (const policy of ["fifo", "weighted-vtime", "longest-first"]) {
  const stores: string[] = [];
  const fresh = await timing(runs, async () => {
    const store = mkdtempSync(join(tmpdir(), "schedcp-bench-"));
    stores.push(store);
    verify(policy, store);
  });
  report(`verify ${policy}`, fresh, 20_000);
  const known = await timing(runs, async () => verify(policy, stores[0] ?? ""));
  report(`verify ${policy}, known already`, known, 1000);
  for (const store of stores) rmSync(store, { recursive: true });
}

function verify(policy: string, store: string): void {
  const source = `policies/${policy}/policy.bpf.c`;
  const env = { ...process.env, SCHEDCP_DATA_DIR: store };
  const { status, stderr } = spawnSync("bin/schedcp", ["verify", source, "--json"], { env });
  if (status !== 0) throw new Error(`verify ${source} ended with ${status}: ${stderr}`);
}
