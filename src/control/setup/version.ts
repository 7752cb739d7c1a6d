// Versions of programs and packages as lists of numbers. Pure.

/** The first dotted number in a text: `QEMU emulator version 10.0.2 (Debian…` → `10.0.2`. */
export function findVersion(text: string): string | null {
  return /(?<![\d.])\d+(?:\.\d+)+/.exec(text)?.[0] ?? null;
}

/** A Debian package's version without epoch and revision: `1:10.0.2+ds-2~bpo12+1` → `10.0.2+ds`. */
export function upstreamVersion(version: string): string {
  return version.replace(/^\d+:/, "").replace(/-[^-]*$/, "");
}

/** Whether `version` is at least `minimum`, number by number; a missing number is 0. */
export function isAtLeast(version: string, minimum: string): boolean {
  const have = version.split(".").map((part) => Number.parseInt(part, 10) || 0);
  const want = minimum.split(".").map((part) => Number.parseInt(part, 10) || 0);
  for (let index = 0; index < Math.max(have.length, want.length); index += 1) {
    const difference = (have[index] ?? 0) - (want[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
