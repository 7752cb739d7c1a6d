// The seed policies (policies/, one folder each) by name: metadata, README and source; plain search.
// Reads only that folder: a name is looked up among the folders there are, never made into a path.
// Called by local-control-plane.ts.

import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { SchedcpError } from "../../contract/errors.ts";
import { limits } from "../../contract/limits.ts";
import {
  type Parameters,
  type PolicyMetadata,
  policyMetadataSchema,
} from "../../contract/policy.ts";
import { suggest } from "../../contract/suggest.ts";
import type { PolicySummary } from "../control-plane.ts";
import { resolveParameters } from "./policy-parameters.ts";
import { rankPolicies } from "./policy-search.ts";

export interface LibraryPolicy {
  metadata: PolicyMetadata;
  readme: string;
  source: string;
}

export interface PolicyLibrary {
  names(): string[];
  /** Best match first; all of them, by name, for an empty query. */
  search(query: string): PolicySummary[];
  /** Throws `not-found` with the nearest name. */
  show(name: string): LibraryPolicy;
  /** See policy-parameters.ts. */
  resolveParameters(metadata: PolicyMetadata, given: Parameters): Parameters;
}

const seedDirectory = fileURLToPath(new URL("../../../policies", import.meta.url));
const policiesMax = 1000;
const metadataBytesMax = 64 * 1024;
const readmeBytesMax = 64 * 1024;

/** Throws `policy-invalid` where a folder's metadata is wrong, `file-unreadable`, `limit-exceeded`. */
export async function openPolicyLibrary(directory: string = seedDirectory): Promise<PolicyLibrary> {
  const entries = await readdir(directory, { withFileTypes: true }).catch((cause: unknown) => {
    throw unreadable(directory, cause);
  });
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  if (folders.length > policiesMax) throw tooLarge(directory, `more than ${policiesMax} policies`);
  const loaded = await Promise.all(
    folders.sort().map((folder) => loadPolicy(join(directory, folder), folder)),
  );
  const policies = new Map(loaded.map((policy) => [policy.metadata.name, policy]));
  return {
    names: () => [...policies.keys()],
    search: (query) =>
      rankPolicies(
        query,
        [...policies.values()].map(({ metadata }) => metadata),
      ),
    show: (name) => policies.get(name) ?? notFound(name, [...policies.keys()]),
    resolveParameters,
  };
}

async function loadPolicy(path: string, folder: string): Promise<LibraryPolicy> {
  const [yaml, readme, source] = await Promise.all([
    readText(join(path, "policy.yaml"), metadataBytesMax),
    readText(join(path, "README.md"), readmeBytesMax),
    readText(join(path, "policy.bpf.c"), limits.policySourceBytesMax),
  ]);
  const metadata = parseMetadata(yaml, `${folder}/policy.yaml`);
  if (metadata.name !== folder) {
    throw invalid(`${folder}/policy.yaml`, `name is ${metadata.name}, not that of its folder`);
  }
  return { metadata, readme, source };
}

function parseMetadata(yaml: string, file: string): PolicyMetadata {
  let value: unknown;
  try {
    value = parse(yaml, { maxAliasCount: 0 });
  } catch (cause) {
    throw invalid(file, cause instanceof Error ? cause.message : String(cause), cause);
  }
  const parsed = policyMetadataSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalid(file, `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "wrong"}`);
  }
  // A default that its own knob would refuse is a mistake of the author's, told here and not later.
  try {
    resolveParameters(parsed.data, {});
  } catch (cause) {
    throw invalid(file, cause instanceof Error ? cause.message : String(cause), cause);
  }
  return parsed.data;
}

async function readText(path: string, bytesMax: number): Promise<string> {
  const file = await open(path, "r").catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  try {
    if ((await file.stat()).size > bytesMax) throw tooLarge(path, `more than ${bytesMax} bytes`);
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}

function notFound(name: string, names: string[]): never {
  const meant = suggest(name, names);
  throw new SchedcpError("not-found", `no policy is called ${name.slice(0, 64)}`, {
    hint: meant === null ? `There are ${names.join(", ")}.` : `Did you mean ${meant}?`,
    details: { names },
  });
}

function invalid(file: string, problem: string, cause?: unknown): SchedcpError {
  return new SchedcpError("policy-invalid", `${file}: ${problem}`, {
    hint: "Compare with policies/fifo/policy.yaml; every knob needs name, type, default, description.",
    cause,
  });
}

function unreadable(path: string, cause: unknown): SchedcpError {
  return new SchedcpError("file-unreadable", `${path} can't be read`, {
    hint: "A policy's folder holds policy.bpf.c, policy.yaml and README.md.",
    cause,
  });
}

function tooLarge(path: string, what: string): SchedcpError {
  return new SchedcpError("limit-exceeded", `${path} has ${what}`, { hint: "Make it smaller." });
}
