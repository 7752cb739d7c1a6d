// The latest profile of a very workload that is stored (in the results of `optimize`). Called by
// local-control-plane.ts.

import { type WorkloadProfile, workloadProfileSchema } from "../../contract/profile.ts";
import type { Workload } from "../../contract/workload.ts";
import { workloadDigest } from "../analysis/workload-file.ts";
import type { Store } from "../repository/store.ts";

/** Entries of the history that are looked through. */
const entriesMax = 100;

/** Null where none is stored, or only of another version of the workload. */
export async function storedProfile(
  store: Pick<Store, "history" | "document">,
  workload: Workload,
): Promise<WorkloadProfile | null> {
  const digest = workloadDigest(workload);
  const entries = await store.history({ workload: workload.name, limit: entriesMax });
  for (const entry of entries.filter(({ kind }) => kind === "result")) {
    const stored = await store.document(entry.id);
    const profile =
      typeof stored?.document === "object" &&
      stored.document !== null &&
      "profile" in stored.document
        ? workloadProfileSchema.safeParse(stored.document.profile)
        : null;
    if (profile?.success === true && profile.data.workloadSha256 === digest) return profile.data;
  }
  return null;
}
