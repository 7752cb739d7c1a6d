// Makes directories that a user named. Node's own `recursive` never returns where a file system answers
// ENOENT for what can't be made there (/proc, /sys).

import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** `path` with all above it that are missing; the system's own error where that can't be. */
export function makeDirectories(path: string, mode = 0o755): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EEXIST" && statSync(path).isDirectory()) return;
    if (code !== "ENOENT" || dirname(path) === path) throw error;
    makeDirectories(dirname(path), mode);
    mkdirSync(path, { mode });
  }
}
