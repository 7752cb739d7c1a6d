// The simulator from C source to verdict, in the confined worker and as the command: what is harmful is
// rejected with an example that can be replayed, hostile objects end in a clear answer, and the same seed
// gives the same bytes. Needs the guest image for the kernel's types; boots nothing.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type SimulationReport, simulationReportSchema } from "../../src/contract/simulation.ts";
import type { PolicyInput } from "../../src/control/control-plane.ts";
import { LocalControlPlane } from "../../src/control/local-control-plane.ts";
import { compilePolicy } from "../../src/control/verifier/compile.ts";
import { openLab } from "../../src/lab/lab.ts";
import { parseScenario } from "../../src/simulator/scenario-file.ts";
import { commandLine } from "../cli/command-line.ts";

let directory: string;
let control: LocalControlPlane;
let fifo: Uint8Array;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "schedcp-simulate-"));
  control = new LocalControlPlane({ storePath: join(directory, "store.sqlite") });
  const lab = await openLab({ mayBuild: false });
  const vmlinuxHeaderPath = await lab.vmlinuxHeader(() => undefined);
  const source = readFileSync("policies/fifo/policy.bpf.c", "utf8");
  const compiled = await compilePolicy({ name: "fifo", source, vmlinuxHeaderPath });
  if (!compiled.ok) throw new Error("the seed policy fifo does not compile");
  fifo = compiled.object;
});
afterAll(async () => {
  await control.close();
  rmSync(directory, { recursive: true });
});

async function reportOf(
  policy: PolicyInput,
  more: Partial<Parameters<LocalControlPlane["simulate"]>[0]> = {},
): Promise<SimulationReport> {
  const { report } = await control.simulate({ policy, parameters: {}, ...more });
  return simulationReportSchema.parse(report);
}

/** One queue, an idle CPU kicked for each; `enqueue` and `dispatch` are statements. */
function policyOf(name: string, enqueue: string, dispatch = "scx_bpf_dsq_move_to_local(7);") {
  const source = `
#include <scx/common.bpf.h>
char _license[] SEC("license") = "GPL";
UEI_DEFINE(uei);
const volatile u32 slice_us = 5000;
s32 BPF_STRUCT_OPS(trial_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}
void BPF_STRUCT_OPS(trial_enqueue, struct task_struct *p, u64 enq_flags)
{
	s32 cpu;
	${enqueue}
	cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);
	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}
void BPF_STRUCT_OPS(trial_dispatch, s32 cpu, struct task_struct *prev)
{
	${dispatch}
}
s32 BPF_STRUCT_OPS_SLEEPABLE(trial_init)
{
	return scx_bpf_create_dsq(7, -1);
}
void BPF_STRUCT_OPS(trial_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}
SCX_OPS_DEFINE(trial_ops, .select_cpu = (void *)trial_select_cpu, .enqueue = (void *)trial_enqueue,
	       .dispatch = (void *)trial_dispatch, .init = (void *)trial_init,
	       .exit = (void *)trial_exit, .name = "trial");
`;
  return { kind: "source" as const, name, source };
}
const insert = "scx_bpf_dsq_insert(p, 7, slice_us * 1000ULL, enq_flags);";

describe("a policy is judged", () => {
  test("a plain FIFO passes the suite", async () => {
    const report = await reportOf({ kind: "library", name: "fifo" });
    expect(report.findings.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(report).toMatchObject({ verdict: "pass", subject: "suite", unsupported: [] });
    expect(report.scenarios.length).toBeGreaterThan(10);
  });

  test("one that forgets some tasks is rejected, with an example that shows it again", async () => {
    const forgets = policyOf("forgets", `if ((u32)p->pid % 3 == 0)\n\t\treturn;\n\t${insert}`);
    const report = await reportOf(forgets);
    const finding = report.findings.find(({ severity }) => severity === "error");
    expect(report.verdict).toBe("reject");
    expect(finding?.hint).not.toBe("");
    const scenario = parseScenario(JSON.stringify(report), "report.json");
    expect(scenario.tasks.reduce((sum, spec) => sum + spec.count, 0)).toBeLessThan(8);
    const again = await reportOf(forgets, { scenario });
    expect(again).toMatchObject({ verdict: "reject", subject: "scenario", name: scenario.name });
    expect(again.findings.map(({ rule }) => rule)).toContain(finding?.rule);
  });

  test("an endless loop in a callback is ended and told by its line", async () => {
    const spins = `while (*(volatile u32 *)&p->pid)\n\t\t;\n\t${insert}`;
    const report = await reportOf(policyOf("spins", spins));
    expect(report.verdict).toBe("reject");
    expect(report.findings[0]?.message).toMatch(/trial_enqueue.*fuel|trial_enqueue.*too long/i);
  });

  test("one that does not compile is rejected, with the compiler's words", async () => {
    const report = await reportOf(policyOf("broken", "no_such_function(p);"));
    expect(report).toMatchObject({ verdict: "reject", scenarios: [] });
    expect(report.findings[0]).toMatchObject({ rule: "compile/error", severity: "error" });
    expect(report.findings[0]?.location?.line).toBeGreaterThan(1);
  });

  test("a knob that is not there is wrong use, with the one that was meant", async () => {
    const policy = policyOf("knobs", insert);
    await expect(reportOf(policy, { parameters: { slise_us: 7 } })).rejects.toMatchObject({
      code: "parameter-invalid",
      hint: expect.stringContaining("Did you mean slice_us?"),
    });
  });
});

describe("hostile objects end in a clear answer", () => {
  const nameOf = (object: Uint8Array): PolicyInput => ({ kind: "object", name: "hostile", object });

  test("cut off anywhere", async () => {
    for (const length of [0, 3, 63, 64, 200, 1000, fifo.length >> 1, fifo.length - 1]) {
      const report = await reportOf(nameOf(fifo.slice(0, length)));
      expect({ length, verdict: report.verdict }).toEqual({ length, verdict: "reject" });
      expect(report.findings[0]?.message).not.toBe("");
    }
  });

  test("with bytes changed at random: never a fault of ours, never a hang", async () => {
    const changes = fc.array(fc.tuple(fc.nat(fifo.length - 1), fc.nat(255)), {
      minLength: 1,
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(changes, async (list) => {
        const object = fifo.slice();
        for (const [at, value] of list) object[at] = value;
        const report = await reportOf(nameOf(object), { scenario: smallScenario });
        expect(report.findings.map(({ rule }) => rule)).not.toContain("simulate/worker-died");
      }),
      { numRuns: 60 },
    );
  });
});

const smallScenario = parseScenario(
  JSON.stringify({
    name: "small",
    topology: { llcOf: [0, 0], coreOf: [0, 1], nodeOf: [0, 0], capacityOf: [1024, 1024] },
    cgroups: [{ name: "", parent: null, weight: 100 }],
    tasks: [
      {
        ...{ entry: "a", comm: "a", count: 3, startNs: 0, nice: 0, policy: "normal", cpus: null },
        ...{ cgroup: 0, kernelThread: false, loop: false, background: false },
        steps: [
          { do: "run", ns: { minNs: 1e6, maxNs: 50e6 } },
          { do: "sleep", ns: 1e6 },
          { do: "run", ns: 20e6 },
        ],
      },
    ],
    events: [],
    durationNs: 2e9,
    seed: 5,
  }),
  "small",
);

describe("the command", () => {
  function simulate(...args: string[]): { stdout: string; exit: number | null } {
    const [program, given] = commandLine(["simulate", ...args]);
    const env = { ...process.env, SCHEDCP_DATA_DIR: join(directory, "data") };
    const { stdout, status } = spawnSync(program, given, { encoding: "utf8", env });
    return { stdout, exit: status };
  }

  test("the same seed gives the same bytes, another one other runs", () => {
    const object = join(directory, "fifo.bpf.o");
    writeFileSync(object, fifo);
    const [first, again] = [1, 2].map(() => simulate(object, "--json", "--seed", "11"));
    expect(first?.exit).toBe(0);
    expect(again?.stdout).toBe(first?.stdout);
    expect(first?.stdout).not.toMatch(/"(?:durationMs|startedAt|seconds)"/);
    const other = simulationReportSchema.parse(
      JSON.parse(simulate(object, "--json", "--seed", "12").stdout),
    );
    const same = simulationReportSchema.parse(JSON.parse(first?.stdout ?? ""));
    const eventsOf = (report: SimulationReport) => report.scenarios.map(({ events }) => events);
    expect(eventsOf(other)).not.toEqual(eventsOf(same));
  });

  test("writes a trace and a chart of the example, and exits with 1 for a rejection", () => {
    const path = join(directory, "lifo.bpf.c");
    const enqueue = "scx_bpf_dsq_insert(p, 7, SCX_SLICE_DFL, enq_flags | SCX_ENQ_HEAD);";
    writeFileSync(path, policyOf("lifo", enqueue).source);
    const [trace, chart] = [join(directory, "trace.json"), join(directory, "chart.svg")];
    const { exit, stdout } = simulate(path, "--trace", trace, "--gantt", chart);
    expect(exit).toBe(1);
    expect(stdout).toContain("✗ reject");
    expect(stdout).toContain(trace);
    const { traceEvents }: { traceEvents: { ph: string }[] } = JSON.parse(
      readFileSync(trace, "utf8"),
    );
    expect(traceEvents.filter(({ ph }) => ph === "X").length).toBeGreaterThan(3);
    expect(readFileSync(chart, "utf8")).toMatch(/^<svg xmlns=.*<\/svg>$/s);
  });
});
