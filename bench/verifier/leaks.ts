// A hundred verdicts in a row by one verifier, good policies and bad ones: what stays of memory, open
// files, child processes and temporary files. `sh bin/node bench/verifier/leaks.ts [VERDICTS]`

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ConfinedJudge } from "../../src/control/confinement/confined-judge.ts";
import { verifyPolicy } from "../../src/control/verifier/verifier.ts";
import { cacheRoot } from "../../src/lab/cache.ts";
import { openLab } from "../../src/lab/lab.ts";
import { readCorpus } from "../../test/corpus/read-corpus.ts";
import { descendants } from "../../test/processes.ts";

const verdicts = Number(process.argv[2] ?? 100);
const silent = (): void => undefined;
const lab = await openLab({ mayBuild: false });
const judge = new ConfinedJudge();
const vmlinuxHeaderPath = await lab.vmlinuxHeader(silent);
const kernel = await lab.kernelTypes(silent);
const context = { nodes: lab, judge, kernel, vmlinuxHeaderPath, progress: silent };
// Most stop early, as most of an agent's attempts do; every tenth goes all the way.
const [bad, good] = [readCorpus("bad"), readCorpus("good")];

console.log("after  resident MiB  files  children  temporary");
for (let count = 0; count <= verdicts; count++) {
  if (count % 10 === 0) tell(count);
  if (count === verdicts) break;
  const policy = count % 10 === 9 ? good[count % good.length] : bad[(count * 7) % bad.length];
  if (policy === undefined) throw new Error("the corpus is empty");
  const input = { kind: "source" as const, name: policy.name.slice(0, 48), source: policy.source };
  await verifyPolicy({ input, parameters: {}, workload: null }, context);
}
await judge.close();
await lab.close();
tell("end");

function tell(when: number | string): void {
  globalThis.gc?.();
  const resident = process.memoryUsage().rss / 1024 / 1024;
  const files = readdirSync("/proc/self/fd").length;
  const children = descendants(process.pid).length;
  const temporary = readdirSync(join(cacheRoot(), "tmp")).length;
  const shown = [resident.toFixed(0), files, children, temporary];
  console.log([when, ...shown].map((value) => String(value).padStart(7)).join("  "));
}
