// How long it takes from asking for a guest to having one that answered: `sh bin/node bench/restore.ts [RUNS]`.

import type { NodeLease } from "../src/contract/node.ts";
import { openLab } from "../src/lab/lab.ts";
import { report, timing } from "./timing.ts";

const request = { cpus: 2, memoryMib: 1024, programs: [] };
const lab = await openLab({ mayBuild: false });
try {
  await lab.prepare(request, () => undefined);
  const runs = Number(process.argv[2] ?? 20);
  let last: NodeLease | null = null;
  const lease = async () => {
    last = await lab.lease(request);
  };
  const release = async () => last?.release();
  report("guest restored and awake", await timing(runs, lease, release), 500);
} finally {
  await lab.close();
}
