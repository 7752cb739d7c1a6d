// Two observers as one. Called where a run is both checked and recorded.

import type { Observer } from "../core/observer.ts";

const methods = [
  "taskStarted",
  "taskExited",
  "woken",
  "running",
  "stopped",
  "queued",
  "heldByPolicy",
  "idle",
  "busy",
  "online",
  "weightChanged",
  "affinityChanged",
  "misplaced",
  "kicked",
  "callback",
  "exited",
] as const satisfies readonly (keyof Observer)[];

type Method = (...values: unknown[]) => void;

export function both(first: Observer, second: Observer): Observer {
  const joined: Record<string, Method> = {};
  for (const method of methods) {
    const [one, other] = [bound(first, method), bound(second, method)];
    if (one !== null && other !== null) {
      joined[method] = (...values) => {
        one(...values);
        other(...values);
      };
    } else {
      const only = one ?? other;
      if (only !== null) joined[method] = only;
    }
  }
  return joined;
}

function bound(observer: Observer, method: (typeof methods)[number]): Method | null {
  const call = observer[method] as Method | undefined;
  return call === undefined ? null : call.bind(observer);
}
