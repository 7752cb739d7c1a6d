// Ends a program that was started with `detached`, and with it what it has started so far: bubblewrap that
// is killed while it starts would leave a child behind, which waits for it for ever.

import type { ChildProcess } from "node:child_process";
import { isCode } from "../../lab/cache.ts";

export function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if (!isCode(error, "ESRCH")) throw error;
  }
}
