// Ids of what is stored: they sort by time, tell the kind, and two processes never make the same.

import { randomBytes } from "node:crypto";

export type RecordKind = "measurement" | "verdict" | "result";

/** `measurement-20261122224501-1f3a9c04`: UTC time to the second, then 32 random bits. */
export function newRecordId(kind: RecordKind, at: Date): string {
  const stamp = at.toISOString().replace(/\D/g, "").slice(0, 14);
  return `${kind}-${stamp}-${randomBytes(4).toString("hex")}`;
}
