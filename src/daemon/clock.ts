// Time as the daemon's parts see it. Only main.ts has the real one; tests step their own.

export interface Clock {
  /** Monotonic milliseconds. */
  nowMs(): number;
  sleep(ms: number): Promise<void>;
}

/** Asks every `everyMs` until the answer is true, for at most `limitMs`. False when it never was. */
export async function waitUntil(
  clock: Clock,
  limitMs: number,
  everyMs: number,
  condition: () => Promise<boolean>,
): Promise<boolean> {
  const end = clock.nowMs() + limitMs;
  while (!(await condition())) {
    if (clock.nowMs() >= end) return false;
    await clock.sleep(everyMs);
  }
  return true;
}
