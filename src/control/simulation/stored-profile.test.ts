import { expect, test } from "vitest";
import { workloadSchema } from "../../contract/workload.ts";
import { workloadDigest } from "../analysis/workload-file.ts";
import { storedProfile } from "./stored-profile.ts";

const workload = workloadSchema.parse({
  name: "w",
  run: [{ name: "a", command: "true" }],
  objective: { metric: "makespan", direction: "minimise" },
});

function profile(workloadSha256: string, makespanMs: number) {
  return {
    ...{ workload: "w", workloadSha256, makespanMs, entries: [], utilisation: 1, imbalance: 1 },
    ...{ contextSwitchesPerSecond: 0, oversubscription: 1, kind: "mixed", summary: "" },
    environment: {
      ...{ node: "lab", kernel: "7.2", cpus: 2, memoryMib: 512, accelerator: "tcg" },
      ...{ emulated: true, imageSha256: "" },
    },
  };
}

/** Newest first, as the real one answers. */
function storeOf(documents: Record<string, unknown>) {
  return {
    history: async () =>
      Object.keys(documents).map((id) => ({
        ...{ id, at: "", workload: "w", policy: null, summary: "" },
        kind: id.startsWith("v") ? ("verdict" as const) : ("result" as const),
      })),
    document: async (id: string) => ({ kind: "result" as const, document: documents[id] }),
  };
}

test("the latest profile of this very workload is taken, of no other version and no other kind", async () => {
  const digest = workloadDigest(workload);
  const store = storeOf({
    v0: { profile: profile(digest, 1) },
    other: { profile: profile("another version", 2) },
    without: { profile: null },
    broken: { profile: { makespanMs: "soon" } },
    latest: { profile: profile(digest, 3) },
    older: { profile: profile(digest, 4) },
  });
  expect((await storedProfile(store, workload))?.makespanMs).toBe(3);
  expect(await storedProfile(storeOf({}), workload)).toBe(null);
});
