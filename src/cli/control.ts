// The control plane for one command: opened, handed over, closed whatever happens. Also refuses
// nodes, planners and the like that there are not, naming those that there are.

import { SchedcpError } from "../contract/errors.ts";
import {
  LocalControlPlane,
  type LocalControlPlaneOptions,
} from "../control/local-control-plane.ts";

export async function withControlPlane<T>(
  work: (control: LocalControlPlane) => Promise<T>,
  options: LocalControlPlaneOptions = {},
): Promise<T> {
  const control = new LocalControlPlane(options);
  try {
    return await work(control);
  } finally {
    await control.close();
  }
}

export function assertNode(name: string | undefined): void {
  if (name === undefined || name === "lab") return;
  throw new SchedcpError("not-supported", `there is no node ${name}`, {
    hint: "The lab (--node lab, the default) is the only node that this version runs on.",
    details: { nodes: ["lab"] },
  });
}
