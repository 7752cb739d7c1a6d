// The workloads that come with SchedCP (workloads/, one file each), by name. Reads only that folder:
// a name is checked before it becomes a path, so what an agent names can't lead anywhere else.

import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { SchedcpError } from "../contract/errors.ts";
import { suggest } from "../contract/suggest.ts";
import { nameSchema, type Workload } from "../contract/workload.ts";
import { readWorkloadFile, type WorkloadOptions } from "./analysis/workload-file.ts";

const folder = new URL("../../workloads/", import.meta.url);

export function isWorkloadName(text: string): boolean {
  return nameSchema.safeParse(text).success;
}

export async function readyWorkloadNames(): Promise<string[]> {
  const names = await readdir(folder);
  return names
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => name.slice(0, -".yaml".length))
    .sort();
}

/** Throws `not-found` with the names that there are. */
export async function readyWorkload(
  name: string,
  options: WorkloadOptions = {},
): Promise<Workload> {
  const names = await readyWorkloadNames();
  if (!isWorkloadName(name) || !names.includes(name)) {
    const meant = suggest(name, names);
    throw new SchedcpError("not-found", `no ready workload is called ${name}`, {
      hint:
        meant === null
          ? `There are ${names.join(", ")}. Or give a workload of your own.`
          : `Did you mean ${meant}?`,
      details: { names },
    });
  }
  const path = fileURLToPath(new URL(`${name}.yaml`, folder));
  return (await readWorkloadFile(path, options)).workload;
}
