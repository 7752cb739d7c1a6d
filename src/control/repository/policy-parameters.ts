// Exact parameters of a deployment out of what was given: types and ranges checked, every other knob
// at its default. Pure. Called by policy-library.ts.

import { SchedcpError } from "../../contract/errors.ts";
import { limits } from "../../contract/limits.ts";
import {
  hintPrefix,
  type Knob,
  type Parameters,
  type ParameterValue,
  type PolicyMetadata,
} from "../../contract/policy.ts";
import { suggest } from "../../contract/suggest.ts";
import { nameSchema } from "../../contract/workload.ts";

const hintMsMax = 2 ** 31;
/** A knob's array in C holds so many bytes; only a text shorter than that ends with a NUL. */
const textBytesMax = 63;

/**
 * Every knob of the policy and the hints that were given, in that order. Throws `parameter-invalid`
 * for an unknown knob (with the nearest one), a wrong type, or a value out of range.
 */
export function resolveParameters(metadata: PolicyMetadata, given: Parameters): Parameters {
  const names = metadata.knobs.map((knob) => knob.name);
  const hints = Object.entries(given).filter(([key]) => key.startsWith(hintPrefix));
  for (const key of Object.keys(given)) {
    if (!key.startsWith(hintPrefix) && !names.includes(key))
      throw unknownKnob(metadata, key, names);
  }
  if (hints.length > limits.hintsMax) {
    throw invalid(`more than ${limits.hintsMax} hints`, "Hint only the entries that differ most.");
  }
  return Object.fromEntries([
    ...metadata.knobs.map((knob) => {
      const value = Object.hasOwn(given, knob.name) ? given[knob.name] : undefined;
      return [knob.name, checkedKnob(knob, value ?? knob.default)];
    }),
    ...hints.map(([key, value]) => [key, checkedHint(metadata, key, value)]),
  ]);
}

function checkedKnob(knob: Knob, value: ParameterValue): ParameterValue {
  const wanted = { integer: "number", boolean: "boolean", string: "string" }[knob.type];
  const hint = `${knob.name} is ${knob.type === "integer" ? "an" : "a"} ${knob.type}${range(knob)}: ${knob.description}`;
  if (typeof value !== wanted) {
    throw invalid(`${knob.name}=${String(value)} is not of type ${knob.type}`, hint);
  }
  if (typeof value === "number") {
    const low = knob.min ?? Number.MIN_SAFE_INTEGER;
    const high = knob.max ?? Number.MAX_SAFE_INTEGER;
    if (!Number.isSafeInteger(value) || value < low || value > high) {
      throw invalid(`${knob.name}=${value} is out of range`, hint);
    }
  }
  if (typeof value === "string" && !isPlainText(value)) {
    throw invalid(
      `${knob.name} is longer than ${textBytesMax} bytes or not plain text`,
      `${hint} It may have printable ASCII characters only.`,
    );
  }
  return value;
}

function checkedHint(metadata: PolicyMetadata, key: string, value: ParameterValue): number {
  if (!metadata.hints) {
    throw invalid(`${metadata.name} takes no hints, but ${key} was given`, "Leave it out.");
  }
  const entry = nameSchema.safeParse(key.slice(hintPrefix.length));
  if (!entry.success) {
    throw invalid(`${key} names no entry of a workload`, "Write hint.<entry>=<milliseconds>.");
  }
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= hintMsMax) {
    return value;
  }
  throw invalid(
    `${key}=${String(value)} is not a time`,
    "A hint is the expected CPU time of one task of the entry, in whole milliseconds.",
  );
}

function unknownKnob(metadata: PolicyMetadata, key: string, names: string[]): SchedcpError {
  const meant = suggest(key, names);
  const all = names.length === 0 ? "It has no knobs." : `Its knobs are ${names.join(", ")}.`;
  return invalid(
    `${metadata.name} has no knob ${key}`,
    meant === null ? all : `Did you mean ${meant}? ${all}`,
  );
}

function range(knob: Knob): string {
  const unit = knob.unit === undefined ? "" : ` ${knob.unit}`;
  if (knob.min !== undefined && knob.max !== undefined)
    return ` from ${knob.min} to ${knob.max}${unit}`;
  if (knob.min !== undefined) return ` of at least ${knob.min}${unit}`;
  if (knob.max !== undefined) return ` of at most ${knob.max}${unit}`;
  return "";
}

function isPlainText(value: string): boolean {
  return value.length <= textBytesMax && /^[\x20-\x7e]*$/.test(value);
}

function invalid(message: string, hint: string): SchedcpError {
  return new SchedcpError("parameter-invalid", message, { hint });
}
