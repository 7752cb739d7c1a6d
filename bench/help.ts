// Start-up of the entry: `sh bin/node bench/help.ts [RUNS]`.

import { spawnSync } from "node:child_process";
import { report, timing } from "./timing.ts";

const runs = Number(process.argv[2] ?? 20);
const result = await timing(runs, async () => {
  const { status } = spawnSync("bin/schedcp", ["--help"]);
  if (status !== 0) throw new Error(`--help ended with ${status}`);
});
report("bin/schedcp --help", result, 150);
