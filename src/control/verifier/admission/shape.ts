// What kind of object it is: its licence, its one table of operations, and no program or variable that
// is there for anything else. Called by admit.ts.

import type { Finding } from "../../../contract/verdict.ts";
import type { BpfObject, StructOps } from "../../../simulator/object/bpf-object.ts";
import { finding, findingAt } from "./finding.ts";

/** license_is_gpl_compatible() in include/linux/license.h. */
const licences: ReadonlySet<string> = new Set([
  ...["GPL", "GPL v2", "GPL and additional rights"],
  ...["Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL"],
]);

/** Operations of the table, and functions that these call. What user space would run is no policy. */
const ownSections = /^(\.text$|struct_ops(\.s)?(\/|$)|\?struct_ops(\.s)?(\/|$))/;

/** Members by which a scheduler hands a part of the machine to others (kernel ≥ 7.1). */
const subSchedulerOps: ReadonlySet<string> = new Set(["sub_attach", "sub_detach"]);

export function shapeFindings(object: BpfObject): Finding[] {
  return [
    ...licenceFindings(object),
    ...tableFindings(object),
    ...programFindings(object),
    ...variableFindings(object),
    ...shrunkFindings(object),
  ];
}

function licenceFindings({ license }: BpfObject): Finding[] {
  if (licences.has(license)) return [];
  const message =
    license === "" ? "it names no licence" : `its licence is ${JSON.stringify(license)}`;
  const hint =
    'Write char _license[] SEC("license") = "GPL"; the kernel gives its scheduling calls to no other.';
  return [finding({ rule: "admission/licence", message, hint })];
}

function tableFindings({ structOps }: BpfObject): Finding[] {
  const [first, ...others] = structOps;
  if (first === undefined || others.length > 0 || first.type !== "sched_ext_ops") {
    const there = structOps.map(({ name, type }) => `${name} (${type})`).join(", ");
    const message = `it has ${there === "" ? "no table of operations" : `these tables: ${there}`}`;
    const hint = "Define exactly one struct sched_ext_ops, with SCX_OPS_DEFINE.";
    return [finding({ rule: "admission/ops-table", message, hint })];
  }
  return [...nameFindings(first), ...subSchedulerFindings(first)];
}

/** The kernel's rule for the name (bpf_obj_name_cpy): it stands in sysfs and in the log. */
function nameFindings(table: StructOps): Finding[] {
  const member = table.members.find(({ name }) => name === "name");
  const bytes = member?.kind === "data" ? member.bytes : new Uint8Array();
  const end = bytes.indexOf(0);
  const name = new TextDecoder("latin1").decode(bytes.subarray(0, end < 0 ? undefined : end));
  if (/^[A-Za-z0-9_.]+$/.test(name)) return [];
  return [
    finding({
      rule: "admission/ops-name",
      message: `its operations are named ${JSON.stringify(name)}`,
      hint: 'Give .name letters, digits, `_` and `.` only, as in .name = "my_policy".',
    }),
  ];
}

function subSchedulerFindings(table: StructOps): Finding[] {
  const set = table.members.filter(
    (member) =>
      member.kind === "program" && member.function !== null && subSchedulerOps.has(member.name),
  );
  return set.map(({ name }) =>
    finding({
      rule: "admission/sub-scheduler",
      message: `it implements ${name}: schedulers under schedulers are not supported`,
      hint: "Decide in this policy's own ops.",
    }),
  );
}

function programFindings({ functions }: BpfObject): Finding[] {
  return functions
    .filter(({ section }) => !ownSections.test(section))
    .map((program) =>
      findingAt(
        {
          rule: "admission/foreign-program",
          message: `${program.name} is a program of kind "${program.section}", not an operation of a scheduler`,
          hint: "Take it out: a policy consists of sched_ext operations and functions that these call.",
        },
        program,
        0,
      ),
    );
}

/** What the kernel knows of its CPUs' caches (kernel/sched/topology.c) and has no call for. */
const allowedVariables: ReadonlySet<string> = new Set(["sd_llc_id", "sd_llc_size", "sd_share_id"]);

/**
 * Any other variable is memory of the kernel's that no operation was given; one that this kernel lacks may
 * be there on another, and tells them apart.
 */
function variableFindings({ ksyms }: BpfObject): Finding[] {
  return ksyms
    .filter(({ kind, name }) => kind === "variable" && !allowedVariables.has(name))
    .map(({ name }) =>
      finding({
        rule: "admission/kernel-variable",
        message: `it reads the kernel's variable ${name}`,
        hint: "Use the arguments of the ops and the scx_bpf_* calls; they tell what a scheduler may know.",
      }),
    );
}

/**
 * LLVM makes a byte of a static number that only ever is 0 or 1 (GlobalOpt's TryToShrinkGlobalToBoolean)
 * and leaves its type; the kernel refuses such types without naming the variable (btf_datasec_resolve).
 */
function shrunkFindings({ globals, btf }: BpfObject): Finding[] {
  return [...globals.values()]
    .filter(({ typeId, size }) => typeId !== 0 && size === 1 && btf.size(typeId) > 1)
    .map(({ name }) =>
      finding({
        rule: "admission/shrunk-variable",
        message: `the compiler made one byte of the static variable ${name}, which only ever is 0 or 1, and the kernel refuses an object whose types say otherwise`,
        hint: `Declare it \`static bool ${name}\`, or \`static volatile\`, or leave out \`static\`.`,
      }),
    );
}
