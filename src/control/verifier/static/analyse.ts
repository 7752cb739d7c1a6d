// Stage 4 of the verifier, static: a BPF object with its parameters → findings of all rules. Pure; the work
// is bounded by the limits of data-flow.ts. Called by the verifier in its confined process.

import type { Finding } from "../../../contract/verdict.ts";
import type { BpfObject, SourceLine } from "../../../simulator/object/bpf-object.ts";
import { type KnobValue, withKnobs } from "../../../simulator/runtime/knobs.ts";
import { dataFlow, type Entry } from "./data-flow.ts";
import type { Facts, Site } from "./facts.ts";
import { kernelTypes } from "./kernel-types.ts";
import { isArrayMap, isHashMap } from "./map-kinds.ts";
import { forkPathOps } from "./op-parameters.ts";
import { Programs } from "./program.ts";
import { Provenance } from "./provenance.ts";
import type { Declared, Evidence, Found, Rule } from "./rule.ts";
import { rules } from "./rules.ts";

export interface StaticRequest {
  readonly object: BpfObject;
  /** Values of the knobs that the verdict is about. */
  readonly parameters?: Readonly<Record<string, KnobValue>>;
  /** Where nothing is said, hints are declared. */
  readonly declared?: Partial<Declared>;
}

export interface StaticOutcome {
  readonly status: "pass" | "reject" | "inconclusive";
  readonly findings: readonly Finding[];
}

const severities = ["error", "warning", "note"];

/**
 * `inconclusive` where a limit was reached, or the object has no scheduler to look at. Throws KnobError for
 * unknown knobs and ObjectError for malformed code.
 */
export function analyse(request: StaticRequest): StaticOutcome {
  const evidence = evidenceOf(request);
  if (evidence === null) return { status: "inconclusive", findings: [] };
  const { incomplete } = evidence.facts;
  const applied = incomplete === null ? rules : rules.filter(({ standsAlone }) => standsAlone);
  const findings = applied
    .flatMap((rule) => apply(rule, evidence))
    .sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
  if (findings.some(({ severity }) => severity === "error")) return { status: "reject", findings };
  if (incomplete === null) return { status: "pass", findings };
  return { status: "inconclusive", findings: [...findings, limitReached(incomplete)] };
}

function limitReached(reason: string): Finding {
  return {
    rule: "static/limit",
    severity: "note",
    message: `the policy was not looked at as a whole: ${reason}`,
    hint: "Make it smaller: fewer nested subprograms and branches, loops instead of repeated code.",
  };
}

export function evidenceOf({
  object,
  parameters = {},
  declared = {},
}: StaticRequest): Evidence | null {
  const scheduler = object.structOps.find(({ type }) => type === "sched_ext_ops");
  if (scheduler === undefined) return null;
  const ops = new Map<string, number>();
  for (const member of scheduler.members)
    if (member.kind === "program" && member.function !== null)
      ops.set(member.name, member.function);
  const facts = factsOf(object, parameters, ops);
  const isTable = (base: string): boolean => {
    if (!base.startsWith("map ")) return object.globals.has(base);
    return isArrayMap(object.maps.find(({ name }) => name === base.slice(4))?.type);
  };
  return {
    ...{ object, scheduler, facts, ops },
    types: kernelTypes(object.kernelBtf),
    calls: [...facts.calls.values()],
    data: new Provenance(facts, false, isTable),
    control: new Provenance(facts, true, isTable),
    declared: { hints: true, knobs: new Set(Object.keys(parameters)), ...declared },
  };
}

/**
 * Twice where globals turn out to be written by nobody: then they are the constants that they hold. Or where a hash
 * is filled by nobody.
 */
function factsOf(
  object: BpfObject,
  parameters: Readonly<Record<string, KnobValue>>,
  ops: ReadonlyMap<string, number>,
): Facts {
  const entries: Entry[] = [...ops].map(([op, index]) => ({ op, function: index }));
  let foreign = false;
  for (const [index, { section }] of object.functions.entries()) {
    if (section === "syscall") entries.push({ op: "syscall", function: index });
    else if (!/^(\.text|struct_ops)/.test(section)) foreign = true;
  }
  const request = {
    ...{ object, entries, programs: new Programs(object) },
    maps: withKnobs(object, parameters),
  };
  const first = dataFlow({ ...request, constantBases: new Set(), emptyMaps: new Set() });
  // Programs that others run may write what they like.
  if (foreign || first.incomplete !== null || first.escaped.has("*")) return first;
  const constantBases = neverWritten(object, first);
  const emptyMaps = neverFilled(object, first);
  if (constantBases.size === 0 && emptyMaps.size === 0) return first;
  return dataFlow({ ...request, constantBases, emptyMaps });
}

function neverWritten(object: BpfObject, facts: Facts): Set<string> {
  const written = new Set([...facts.stores.values()].map(({ cell }) => cell.base));
  return new Set(
    [...facts.readBases].filter(
      (base) =>
        object.globals.has(base) &&
        !written.has(base) &&
        !facts.escaped.has(base) &&
        object.maps[object.globals.get(base)?.map ?? -1]?.section?.startsWith(".rodata") === false,
    ),
  );
}

/** Hashes that are asked where an error fails a fork; that of the hints is its owner's. */
function neverFilled(object: BpfObject, facts: Facts): Set<number> {
  const [asked, filled] = [new Set<number>(), new Set<number>()];
  for (const { name, args, activation } of facts.calls.values()) {
    const index = args[0]?.region?.kind === "map" ? args[0].region.map : -1;
    const map = object.maps[index];
    if (map === undefined || !isHashMap(map.type) || map.name === "hints") continue;
    if (name === "bpf_map_update_elem") filled.add(index);
    else if (forkPathOps.has(activation.op)) asked.add(index);
  }
  return new Set([...asked].filter((index) => !filled.has(index)));
}

function apply(rule: Rule, evidence: Evidence): Finding[] {
  const answer = rule.check(evidence);
  if (answer.kind === "fine") return [];
  if (answer.kind === "unknown") {
    return [
      {
        rule: rule.id,
        severity: "note",
        message: `not decided: ${answer.reason}`,
        hint: "Nothing to do here: the simulator decides.",
        ...location(answer.site ?? null),
      },
    ];
  }
  return once(answer.findings).map(({ site, message, hint, severity }) => ({
    ...{ rule: rule.id, severity: severity ?? rule.severity, message, hint },
    ...location(site),
  }));
}

/** One for a line of the source: the same code is often there in several copies. */
function once(findings: readonly Found[]): Found[] {
  const seen = new Map<string, Found>();
  for (const each of findings) {
    const line = each.site === null ? "" : JSON.stringify(location(each.site));
    const key = `${line} ${each.severity} ${each.site === null ? each.message : ""}`;
    if (!seen.has(key)) seen.set(key, each);
  }
  return [...seen.values()];
}

function location(site: Site | null): Pick<Finding, "location"> {
  if (site === null) return {};
  const line = lineOf(site);
  if (line === null) return {};
  return { location: { file: line.file.replace(/^.*\//, ""), line: line.line } };
}

/** The policy's own line rather than that of the header whose inline function makes the call. */
function lineOf({ activation, instruction }: Site): SourceLine | null {
  const { of, flow } = activation.program;
  const block = flow.blocks[flow.blockOf[instruction] ?? -1];
  const [start, end] = [block?.start ?? 0, block?.end ?? instruction + 1];
  let header: SourceLine | null = null;
  for (let at = instruction; at >= start; at -= 1) {
    const line = of.lineAt(at);
    if (line !== null && !isHeader(line)) return line;
    header ??= line;
  }
  for (let at = instruction + 1; at < end; at += 1) {
    const line = of.lineAt(at);
    if (line !== null && !isHeader(line)) return line;
  }
  for (let at = start; at >= 0; at -= 1) {
    const line = of.lineAt(at);
    if (line !== null && !isHeader(line)) return line;
    header ??= line;
  }
  return header;
}

/** Of the names that all policies use; a header of a project's own primitives is as good as its source. */
function isHeader({ file }: SourceLine): boolean {
  return /(^|\/)(scx|bpf)\/[^/]*\.h$|vmlinux\.h$/.test(file);
}
