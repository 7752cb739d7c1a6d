// A policy and its parameters as given on the command line: a file (.c, .o) or a library's name, and
// --set knob=value. Untrusted input is parsed here once.

import { SchedcpError } from "../contract/errors.ts";
import { limits } from "../contract/limits.ts";
import {
  type Parameters,
  type ParameterValue,
  parameterNameSchema,
  parametersSchema,
} from "../contract/policy.ts";
import { nameSchema } from "../contract/workload.ts";
import { readBoundedFile } from "../control/bounded-file.ts";
import type { PolicyInput } from "../control/control-plane.ts";
import { inputOf } from "../control/verifier/input.ts";

/** What looks like a name is one of the library's; anything with a dot or a slash is a file. */
export async function policyArgument(text: string): Promise<PolicyInput> {
  if (nameSchema.safeParse(text).success) return { kind: "library", name: text };
  return inputOf(text, await readPolicy(text));
}

function readPolicy(path: string): Promise<Buffer> {
  return readBoundedFile(path, {
    what: "policy",
    bytesMax: limits.policyObjectBytesMax,
    hint: "Give C source (.c), a BPF object (.o), or a name that `schedcp policies list` shows.",
  });
}

/** `slice_us=4000`, `partial=true`, `long_name=gzip`, `hint.long=900`. */
export function parametersArgument(settings: readonly string[]): Parameters {
  const parameters: Parameters = {};
  for (const setting of settings) {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(setting) ?? [];
    if (name === undefined || value === undefined) {
      throw new SchedcpError(
        "parameter-invalid",
        `--set ${setting} is not of the form knob=value`,
        {
          hint: "For example: --set slice_us=4000. `schedcp policies show NAME` lists the knobs.",
        },
      );
    }
    if (!parameterNameSchema.safeParse(name).success) {
      throw new SchedcpError("parameter-invalid", `${name} is no knob's name and no hint.<entry>`, {
        hint: "`schedcp policies show NAME` lists the knobs.",
      });
    }
    if (Object.hasOwn(parameters, name)) {
      throw new SchedcpError("parameter-invalid", `${name} is set twice`, {
        hint: "Give every knob once.",
      });
    }
    parameters[name] = parameterValue(value);
  }
  const checked = parametersSchema.safeParse(parameters);
  if (checked.success) return checked.data;
  const issue = checked.error.issues[0];
  throw new SchedcpError(
    "parameter-invalid",
    `--set ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`,
    {
      hint: "A value is a whole number, true or false, or a task's name.",
    },
  );
}

function parameterValue(text: string): ParameterValue {
  if (text === "true") return true;
  if (text === "false") return false;
  return /^-?\d+$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : text;
}
