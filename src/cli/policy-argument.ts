// A policy and its parameters as given on the command line: a file (.c, .o) or a library's name, and
// --set knob=value. Untrusted input is parsed here once.

import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { SchedcpError } from "../contract/errors.ts";
import { limits } from "../contract/limits.ts";
import {
  type Parameters,
  type ParameterValue,
  parameterNameSchema,
  parametersSchema,
} from "../contract/policy.ts";
import { nameSchema } from "../contract/workload.ts";
import type { PolicyInput } from "../control/control-plane.ts";
import { inputOf } from "../control/verifier/input.ts";

/** What looks like a name is one of the library's; anything with a dot or a slash is a file. */
export async function policyArgument(text: string): Promise<PolicyInput> {
  if (nameSchema.safeParse(text).success) return { kind: "library", name: text };
  return inputOf(text, await readPolicy(text));
}

async function readPolicy(path: string): Promise<Buffer> {
  const bytesMax = limits.policyObjectBytesMax;
  try {
    // Non-blocking: a pipe or a device is refused instead of waited for.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      // One byte more than allowed tells a file that is too large, also one without a size.
      const buffer = Buffer.alloc(bytesMax + 1);
      let length = 0;
      while (length < buffer.length) {
        const { bytesRead } = await file.read(buffer, length, buffer.length - length);
        if (bytesRead === 0) return buffer.subarray(0, length);
        length += bytesRead;
      }
    } finally {
      await file.close();
    }
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    const reason = error.code === "ENOENT" ? "there is no such file" : String(error.code);
    throw new SchedcpError("file-unreadable", `cannot read the policy ${path}: ${reason}`, {
      hint: "Give C source (.c), a BPF object (.o), or a name that `schedcp policies list` shows.",
      cause: error,
    });
  }
  throw new SchedcpError("limit-exceeded", `the policy ${path} is too large`, {
    hint: `At most ${bytesMax} bytes are read.`,
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
