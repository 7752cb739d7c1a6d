// The static stage on the labelled corpus and the seeds: what is caught, missed and falsely rejected, and
// how long it takes. `sh bin/node bench/verifier/static.ts [NAME-PART]`; needs the lab's kernel types.

import { openLab } from "../../src/lab/lab.ts";
import { kernelBtf } from "../../src/simulator/object/kernel-btf.ts";
import {
  badPolicies,
  difference,
  goodPolicies,
  judge,
  judgeObject,
  seedPolicies,
} from "./static-corpus.ts";

const part = process.argv[2] ?? "";
/** SPECIFICATION of issue 5: static analysis of a seed policy. */
const limitMs = 100;
const lab = await openLab({ mayBuild: false });
const { btf } = await lab.kernelTypes(() => undefined);
const vmlinuxHeaderPath = await lab.vmlinuxHeader(() => undefined);
await lab.close();
const kernel = kernelBtf(btf);

let [caught, missed, fine, falselyRejected] = [0, 0, 0, 0];
for (const policy of [...badPolicies(), ...goodPolicies()]) {
  if (!policy.name.includes(part)) continue;
  let fault: string | null;
  let notes = "";
  try {
    const { findings } = await judge(policy, vmlinuxHeaderPath, kernel);
    fault = difference(policy, findings);
    const others = findings.filter(({ rule }) => rule !== policy.rule);
    notes = others
      .map(({ rule, severity }) => `${severity} ${rule.replace("static/", "")}`)
      .join(", ");
  } catch (error) {
    fault = error instanceof Error ? error.message : String(error);
  }
  if (policy.expect === "pass") {
    if (fault === null) fine += 1;
    else falselyRejected += 1;
  } else if (fault === null) caught += 1;
  else missed += 1;
  console.log(
    `${fault === null ? "ok  " : "FAIL"} ${policy.name} ${fault ?? ""}${notes ? ` [${notes}]` : ""}`,
  );
}
console.log(
  `${caught} caught, ${missed} missed; ${fine} good pass, ${falselyRejected} falsely rejected`,
);

let slowest = 0;
for (const policy of seedPolicies()) {
  const { findings, readMs, analyseMs, object } = await judge(policy, vmlinuxHeaderPath, kernel);
  const warm = Array.from({ length: 5 }, () => judgeObject(object, kernel).analyseMs).sort(
    (a, b) => a - b,
  );
  const median = warm[2] ?? 0;
  slowest = Math.max(slowest, median);
  const errors = findings.filter(({ severity }) => severity === "error");
  console.log(
    `${policy.name}: read ${readMs.toFixed(0)} ms, first ${analyseMs.toFixed(0)} ms, warm ${median.toFixed(0)} ms; ` +
      `${errors.length} errors, ${findings.map(({ rule, severity }) => `${severity} ${rule}`).join(", ")}`,
  );
  if (errors.length > 0) falselyRejected += 1;
}
console.log(`slowest seed: ${slowest.toFixed(0)} ms (limit ${limitMs} ms)`);
process.exit(missed === 0 && falselyRejected === 0 && slowest <= limitMs ? 0 : 1);
