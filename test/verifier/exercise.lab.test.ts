// Stage exercise against the real kernel: what a good policy, and each kind of bad one, comes to. The
// seed policies and the corpus are sampled by a printed seed (SCHEDCP_TEST_SEED replays it,
// SCHEDCP_TEST_WHOLE=1 takes all); what is particular to a trial runs that trial alone.

import { randomInt } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openPolicyLibrary } from "../../src/control/repository/policy-library.ts";
import { compilePolicy } from "../../src/control/verifier/compile.ts";
import { exercisePolicy, leaseForExercise } from "../../src/control/verifier/exercise/exercise.ts";
import type { Trial } from "../../src/control/verifier/exercise/trial.ts";
import { trialNode } from "../../src/control/verifier/exercise/trial-node.ts";
import { changes } from "../../src/control/verifier/exercise/trials/changes.ts";
import { fairShare } from "../../src/control/verifier/exercise/trials/fair-share.ts";
import { partial } from "../../src/control/verifier/exercise/trials/partial.ts";
import { realTimeTrial } from "../../src/control/verifier/exercise/trials/real-time-hog.ts";
import {
  revertOnDeath,
  revertOnUnload,
} from "../../src/control/verifier/exercise/trials/revert.ts";
import type { TrialGroup } from "../../src/control/verifier/exercise/trials.ts";
import type { VerifierContext } from "../../src/control/verifier/verifier.ts";
import { type Lab, openLab } from "../../src/lab/lab.ts";

const library = await openPolicyLibrary();
const corpus = new URL("../corpus/bad/", import.meta.url);
const isWhole = process.env.SCHEDCP_TEST_WHOLE === "1";
const seed = Number(process.env.SCHEDCP_TEST_SEED ?? randomInt(1_000_000));
if (!isWhole) console.info(`policies sampled by SCHEDCP_TEST_SEED=${seed}`);

let lab: Lab;
let vmlinuxHeaderPath: string;
beforeAll(async () => {
  lab = await openLab({ mayBuild: true });
  await lab.prepare(trialNode, () => undefined);
  vmlinuxHeaderPath = await lab.vmlinuxHeader(() => undefined);
}, 600_000);
afterAll(() => lab.close());

function sampled<T>(all: readonly T[]): T[] {
  const one = all[seed % all.length];
  return isWhole || one === undefined ? [...all] : [one];
}

async function exercised(name: string, source: string, groups?: readonly TrialGroup[]) {
  const compiled = await compilePolicy({ name, source, vmlinuxHeaderPath });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.findings, null, 1));
  const identity = { name, sourceSha256: "0".repeat(64), parameters: {} };
  // What else the context holds is of earlier stages.
  const context = { nodes: lab, progress: () => undefined } as unknown as VerifierContext;
  const policy = { identity, object: compiled.object };
  const options = groups === undefined ? {} : { groups };
  const node = leaseForExercise(context);
  const { load, exercise, evidence } = await exercisePolicy(policy, null, node, context, options);
  expect(load.outcome).toEqual({ status: "pass", findings: [] });
  const outcome = exercise?.outcome ?? { status: "not-run", findings: [] };
  const rules = outcome.findings.map(({ rule, severity }) => `${severity} ${rule}`);
  return { status: outcome.status, rules, findings: outcome.findings, evidence };
}

/** These trials alone, under one deployment. */
const alone = (trials: Trial[], timeoutMs = 30_000, isPartial = false): TrialGroup[] => [
  { imposed: { timeoutMs, partial: isPartial }, trials },
];

/** A FIFO; `queue`: the statement that queues a task. */
const fifo = (more: { declarations?: string; enqueue?: string; ops?: string } = {}) => `
#include <scx/common.bpf.h>
char _license[] SEC("license") = "GPL";
UEI_DEFINE(uei);
${more.declarations ?? ""}
void BPF_STRUCT_OPS(trial_enqueue, struct task_struct *p, u64 enq_flags)
{
	${more.enqueue ?? ""}
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}
void BPF_STRUCT_OPS(trial_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}
SCX_OPS_DEFINE(trial_ops, .enqueue = (void *)trial_enqueue, ${more.ops ?? ""}
	       .exit = (void *)trial_exit, .name = "trial");
`;

describe("a good policy", () => {
  test.each(sampled(library.names()))("%s stands every trial", async (name) => {
    const { status, rules, evidence } = await exercised(name, library.show(name).source);
    expect(rules.filter((rule) => rule.startsWith("error"))).toEqual([]);
    expect(status).toBe("pass");
    expect(evidence.trials).toBe(
      "basic revert-unload fair-share wake-latency affinity storms real-time-hog changes partial revert-kill-loader",
    );
    expect(evidence.revertMs).toBeLessThanOrEqual(2000);
  });
});

describe("a bad policy of the corpus", () => {
  const names = readdirSync(corpus).filter((name) => /^exercise-.*\.bpf\.c$/.test(name));

  test.each(sampled(names))("%s is rejected as its first line says", async (file) => {
    const source = readFileSync(new URL(file, corpus), "utf8");
    const expected = /^\/\/ expect: reject exercise (\S+)/.exec(source)?.[1];
    const { status, rules } = await exercised(file.replace(/\.bpf\.c$/, ""), source);
    expect(rules).toContain(`error ${expected}`);
    expect(status).toBe("reject");
  });
});

describe("trial by trial", () => {
  test("a name that is dropped stalls", async () => {
    const drop = "if (p->comm[0] == 's' && p->comm[1] == 'l' && p->comm[2] == 'e') return;";
    const { rules, findings } = await exercised("drops", fifo({ enqueue: drop }));
    expect(rules).toEqual(["error exercise/stall"]);
    expect(findings[0]?.message).toMatch(/sleep\[\d+\] failed to run for/);
  });

  test("every third process has its turns, but next to nothing in them", async () => {
    const enqueue = `
	bool least = !(p->flags & PF_KTHREAD) && (u32)p->pid % 3 == 0;
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, least ? 1 : 300 * 1000 * 1000, enq_flags);
	return;`;
    const { status, rules } = await exercised("starves", fifo({ enqueue }), alone([fairShare]));
    expect(rules).toContain("error exercise/starved");
    expect(status).toBe("reject");
  });

  test("an error of init_task for tasks of one name fails their forks", async () => {
    const declarations = `
s32 BPF_STRUCT_OPS(trial_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	return args->fork && p->comm[0] == 's' && p->comm[1] == 'h' ? -ENOMEM : 0;
}`;
    const source = fifo({ declarations, ops: ".init_task = (void *)trial_init_task," });
    const { status, rules } = await exercised("no-forks", source);
    expect(status).toBe("reject");
    expect(rules).toEqual(["error exercise/task-failed"]);
  });

  test("a policy that knows nothing of hotplug is loaded again", async () => {
    const trials = alone([changes, revertOnUnload]);
    const { status, evidence } = await exercised("fifo", fifo(), trials);
    expect(status).toBe("pass");
    expect(evidence.hotplugRestarts).toBe(1);
    expect(evidence.trials).toBe("changes revert-unload");
  });

  test("a stall that a real-time task makes is told as its doing", async () => {
    const { status, rules, findings } = await exercised(
      "fifo",
      fifo(),
      alone([realTimeTrial(4000)], 800),
    );
    expect(rules).toEqual(["note exercise/real-time-task"]);
    expect(findings[0]?.message).toContain("failed to run for");
    expect(status).toBe("pass");
  });

  test("partial mode, and reverting from it", async () => {
    const trials = alone([partial, revertOnDeath], 30_000, true);
    const { status, evidence } = await exercised("fifo", fifo(), trials);
    expect(status).toBe("pass");
    expect(evidence.revertMs).toBeGreaterThan(0);
    expect(evidence.revertMs).toBeLessThanOrEqual(2000);
  });
});
