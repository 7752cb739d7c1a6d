// C source to verdict, each in a process of its own, as a user runs it: `sh bin/node bench/verdict.ts [RUNS]`.

import { spawnSync } from "node:child_process";
import { report, timing } from "./timing.ts";

const runs = Number(process.argv[2] ?? 5);
for (const policy of ["fifo", "weighted-vtime", "longest-first"]) {
  const source = `policies/${policy}/policy.bpf.c`;
  const result = await timing(runs, async () => {
    const { status, stderr } = spawnSync("bin/schedcp", ["verify", source, "--json"]);
    if (status !== 0) throw new Error(`verify ${source} ended with ${status}: ${stderr}`);
  });
  report(`verify ${policy}`, result, 6000);
}
