// A watchdog that is shorter than the wait that weights rightly cause ejects a correct policy.

import { type Answer, type Evidence, fine, found, type Rule } from "../rule.ts";

/**
 * Seen on kernel 7.2: among nice −10 hogs a nice-19 task rightly waits 6.8 s (weights 932 and 1, 14 busy tasks on
 * 2 CPUs); half as much again for margin.
 */
export const timeoutMsMin = 10_000;

export const timeoutTooSmall: Rule = {
  id: "static/timeout",
  severity: "warning",
  title: "timeout_ms is shorter than a fair wait can be",
  rationale:
    "Seen on kernel 7.2: a correct weighted-vtime scheduler with timeout_ms = 5000 is ejected; a nice-19 task among nice −10 hogs rightly waits 6.8 s.",
  standsAlone: true,
  check({ scheduler }: Evidence): Answer {
    const member = scheduler.members.find(({ name }) => name === "timeout_ms");
    if (member?.kind !== "data") return fine;
    const timeoutMs = member.bytes.reduceRight((value, byte) => value * 256 + byte, 0);
    if (timeoutMs === 0 || timeoutMs >= timeoutMsMin) return fine;
    return found([
      {
        site: null,
        message: `timeout_ms is ${timeoutMs}: with 14 busy tasks of extreme weights on 2 CPUs the lightest rightly waits 6.8 s, and the kernel would end the policy`,
        hint: "Set .timeout_ms = 30000, or leave it out: 30 s is the kernel's default and maximum.",
      },
    ]);
  },
};
