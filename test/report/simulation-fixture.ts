// A report of a simulation with every open string given, for tests of what is printed and drawn.

import type { SimulatedRun, SimulationReport } from "../../src/contract/simulation.ts";

const run: SimulatedRun = {
  makespanMs: 3245,
  finished: true,
  waitMs: { p50: 12, p95: 80, p99: 3000, max: 3220 },
  fairness: 0.91,
  utilisationPercent: 71,
  switches: 1200,
  migrations: 12,
  exit: null,
};

export function simulationReport(text = ""): SimulationReport {
  return {
    verdict: "reject",
    policy: { name: `longest-first${text}`, sourceSha256: "0", parameters: { attained_ms: 450 } },
    simulated: true,
    subject: "workload",
    name: `two-kinds${text}`,
    seed: 1,
    topology: `2${text}`,
    kernel: `7.2.12${text}`,
    unsupported: [{ kind: "kfunc", name: `scx_bpf_new${text}`, program: `p${text}` }],
    findings: [
      {
        rule: `simulate/starvation${text}`,
        severity: "error",
        message: `helper-2 waited 3.22 s for a CPU${text}`,
        hint: `Insert every task into a DSQ.${text}`,
        location: { file: `p.bpf.c${text}`, line: 7 },
        counterexample: { scenario: {} },
      },
    ],
    scenarios: [
      {
        name: `two-kinds${text}`,
        seed: 1,
        cpus: 2,
        tasks: 30,
        simulatedMs: 3245,
        events: 500,
        policy: {
          ...run,
          exit: { kind: 1026, code: 0, reason: `stall${text}`, message: text, atMs: 1 },
        },
        default: {
          ...run,
          makespanMs: 2270,
          waitMs: { p50: 9, p95: 42, p99: 42, max: 42 },
          switches: 600,
        },
        findings: [{ rule: `simulate/starvation${text}`, severity: "error" }],
      },
    ],
    timesFrom: `an assumption${text}`,
    fidelity: { worstMakespanRatioErrorPercent: 9.4, policies: 27, date: `2026-11-24${text}` },
  };
}
