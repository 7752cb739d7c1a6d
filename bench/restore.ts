// How long it takes from asking for a guest to having one that answered: `sh bin/node bench/restore.ts [RUNS]`.

import { openLab } from "../src/lab/lab.ts";
import { report, timing } from "./timing.ts";

const request = { cpus: 2, memoryMib: 1024, programs: [] };
const lab = await openLab({ mayBuild: false });
try {
  await lab.prepare(request, () => undefined);
  const runs = Number(process.argv[2] ?? 20);
  const result = await timing(runs, async () => {
    const lease = await lab.lease(request);
    await lease.release();
  });
  report("guest restored, awake, released", result, 500);
} finally {
  await lab.close();
}
