// What one examination of one thing found. Printed by doctor, read by setup.

export type CheckStatus = "ok" | "warning" | "missing";

export interface Check {
  /** A need's name (needs.ts), or one of the machine's own: `kernel`, `kvm`, `disk-space`… */
  name: string;
  /** `missing`: the lab can't work. `warning`: it works, with what `found` says. */
  status: CheckStatus;
  /** What is there, in words. */
  found: string;
  /** What to do about it; absent where there is nothing to do. */
  remedy?: string;
}

export const ok = (name: string, found: string): Check => ({ name, status: "ok", found });

export const warning = (name: string, found: string, remedy?: string): Check => ({
  name,
  status: "warning",
  found,
  ...(remedy === undefined ? {} : { remedy }),
});

export const missing = (name: string, found: string, remedy?: string): Check => ({
  name,
  status: "missing",
  found,
  ...(remedy === undefined ? {} : { remedy }),
});
