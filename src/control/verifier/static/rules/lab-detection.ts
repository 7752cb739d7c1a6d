// A policy that can tell the lab from a real node can behave there and not here. What tells them apart is
// none of a scheduler's business: the kernel's identity, the uptime, an exact number of CPUs, our own names.

import { isClamp } from "../clamp.ts";
import { comparedTexts } from "../compared-text.ts";
import { decidesTasks } from "../deciding.ts";
import type { BranchFact, Site } from "../facts.ts";
import { arrayUsual, cpusMax, ordinaryCpus } from "../memory.ts";
import { direction } from "../origins.ts";
import { type Answer, type Evidence, type Found, found, type Rule } from "../rule.ts";
import { opWords, sourceWords } from "../words.ts";

/** Programs that only run where a policy is tested: the daemon, its helpers, loads of the exercise. */
const ourNames = [
  ...["schedcp", "sched-probe", "stress-ng", "hackbench", "cyclictest", "rt-tests", "schbench"],
  ...["sched-messaging", "qemu", "guest-init", "mmdebstrap"],
];

const kernelVariables =
  /^ksym:(cpu_khz|num_processors|__num_online_cpus|totalram|linux_banner|linux_proc_banner|init_uts_ns|saved_command_line|boot_command_line|x86_hyper_type|boot_cpu_data|cpu_info|acpi_|dmi_|hypervisor|kvm_|tsc_khz|system_state)/;

export const labDetection: Rule = {
  id: "static/lab-detection",
  severity: "error",
  title: "something tells the lab from a real node",
  rationale:
    "Verification means something only where a policy behaves alike on both: rule 2 of DESIGN (“nothing gets a token without the lab”).",
  check(evidence: Evidence): Answer {
    const findings: Found[] = [];
    const hint =
      "Decide by tasks and queues alone. A number of CPUs may bound a loop or divide work, but not choose behaviour; versions of kernels are a matter for the build.";
    for (const branch of evidence.facts.branches.values()) {
      if (!branch.taken && !branch.falls) continue;
      const what = judge(evidence, branch);
      if (what !== null)
        findings.push({ site: branch, message: `${opWords(branch)} ${what}`, hint });
    }
    for (const { site, what, severity } of lacking(evidence))
      findings.push({
        site,
        severity,
        message: `${opWords(site)} asks whether the kernel has ${what}, which this one lacks: what it does where there is one is never tested`,
        hint: "Write for the kernel that the policy is verified on; leave the question out.",
      });
    for (const { site, text } of comparedTexts(evidence)) {
      const name = ourNames.find((each) => isName(text, each));
      if (name === undefined) continue;
      findings.push({
        site,
        message: `${opWords(site)} looks for tasks named “${name}”, a program that runs where policies are tested`,
        hint: "Treat all tasks alike, whatever their names.",
      });
    }
    return found(findings);
  },
};

/** The name or its beginning, or these letters in another order: compilers ask for them as they like. */
function isName(text: string, name: string): boolean {
  if (text.length >= 4 && (name.startsWith(text) || text.startsWith(name))) return true;
  const sorted = (letters: string): string => [...letters].sort().join("");
  return text.length >= 5 && sorted(text) === sorted(name.slice(0, text.length));
}

function judge(evidence: Evidence, branch: BranchFact): string | null {
  const { left, right, condition } = branch;
  const sources = [
    ...evidence.data.resolve(left.origins),
    ...evidence.data.resolve(right.origins),
  ].filter(([, way]) => way !== direction.control);
  const names = sources.map(([source]) => source);
  const kernel = names.find((source) => kernelVariables.test(source));
  if (kernel !== undefined)
    return `asks which kernel or machine it runs on (${sourceWords(kernel)})`;
  const version = names.find((source) => isVersion(source));
  if (version !== undefined) return "asks for the kernel's version (LINUX_KERNEL_VERSION)";
  if (names.includes("kconfig:0")) return "asks how the kernel was configured";
  if (names.some((source) => /^field:(new_utsname|uts_namespace)\./.test(source)))
    return "reads the machine's name";
  const bound = right.lo === right.hi ? right.lo : left.lo === left.hi ? left.lo : null;
  // `x < 2` asks for 1, as `x <= 1` does.
  const isStrict = /^s?(lt|ge)$/.test(condition) === (bound === right.lo);
  const asked = bound === null || /^(eq|ne)$/.test(condition) || !isStrict ? bound : bound - 1n;
  if (bound === null || asked === null || asked < 2n) return null;
  const onlyCpus = names.every(isCpuCount) && names.some((source) => !source.startsWith("cell:"));
  if (!onlyCpus || isClamp(branch, bound)) return null;
  // Larger bounds are those of arrays; what they keep out is no behaviour.
  const number = right.lo === right.hi ? left : right;
  const scaled = number.hi > cpusMax && number.hi < 1n << 31n;
  const meant = scaled ? (bound * cpusMax) / number.hi : bound;
  if (bound >= ordinaryCpus && (meant >= arrayUsual || !decides(evidence, branch))) return null;
  const how = condition === "eq" || condition === "ne" ? "exactly " : "";
  const cpus = bound >= ordinaryCpus ? "more CPUs than others" : `${how}${asked} CPUs or so`;
  return `behaves otherwise on machines with ${cpus}`;
}

/** Whether it chooses what tasks are given, or whether they are. */
function decides(evidence: Evidence, branch: BranchFact): boolean {
  const { op } = branch.activation;
  if (op === "init" || op === "exit") return false;
  return decidesTasks(evidence, branch);
}

interface Lacking {
  readonly site: Site;
  readonly what: string;
  readonly severity: "error" | "warning";
}

/** What CO-RE was asked for and did not find, where it is nothing that sched_ext itself once had or will have. */
function lacking({ facts }: Evidence): Lacking[] {
  const found: Lacking[] = [];
  for (const activation of facts.activations.values()) {
    const { code, of } = activation.program;
    for (const instruction of code.keys()) {
      const lacks = of.lacksAt(instruction);
      if (lacks === null || /^(struct |enum )?(scx_|sched_ext|bpf_)/.test(lacks.what)) continue;
      const severity = lacks.isWhole ? ("error" as const) : ("warning" as const);
      found.push({ site: { activation, instruction }, what: lacks.what, severity });
    }
  }
  return found;
}

/** KERNEL_VERSION() of anything from 4.0 on. */
function isVersion(source: string): boolean {
  const match = /^kconfig:(\d+)$/.exec(source);
  return match !== null && Number(match[1]) >= 0x40000;
}

function isCpuCount(source: string): boolean {
  return (
    /^call:(scx_bpf_nr_cpu_ids|scx_bpf_nr_node_ids|bpf_cpumask_weight|scx_bpf_get_(online|possible)_cpumask)$/.test(
      source,
    ) ||
    source.startsWith("cell:") ||
    source === "ksym:nr_cpu_ids"
  );
}
