// What a simulation is given in files: a scenario to be replayed, and a profile of the workload. The only
// effect is to read them. Called by the command line.

import { SchedcpError } from "../../contract/errors.ts";
import { type WorkloadProfile, workloadProfileSchema } from "../../contract/profile.ts";
import type { Scenario } from "../../simulator/scenario/scenario.ts";
import { parseScenario, scenarioFileBytesMax } from "../../simulator/scenario-file.ts";
import { readBoundedFile } from "../bounded-file.ts";

const profileBytesMax = 1024 * 1024;
const scenarioHint = "Give what `schedcp simulate --json` wrote for a policy with a finding.";
const profileHint = "Give what `schedcp profile WORKLOAD --json` wrote.";

/** Throws `file-unreadable`, with what is wrong in it, or `limit-exceeded`. */
export async function readScenarioFile(path: string): Promise<Scenario> {
  const asked = { what: "scenario", bytesMax: scenarioFileBytesMax, hint: scenarioHint };
  return parseScenario((await readBoundedFile(path, asked)).toString("utf8"), path);
}

/** Throws `file-unreadable` or `limit-exceeded`. */
export async function readProfileFile(path: string): Promise<WorkloadProfile> {
  const asked = { what: "profile", bytesMax: profileBytesMax, hint: profileHint };
  const text = (await readBoundedFile(path, asked)).toString("utf8");
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw noProfile(path, "it is not JSON", cause);
  }
  const checked = workloadProfileSchema.safeParse(document);
  if (checked.success) return checked.data;
  const issue = checked.error.issues[0];
  throw noProfile(path, `${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`, checked.error);
}

function noProfile(path: string, reason: string, cause: unknown): SchedcpError {
  return new SchedcpError("file-unreadable", `${path} is no profile: ${reason}`, {
    hint: profileHint,
    cause,
  });
}
