// Without an exit op nobody can tell afterwards from the policy's own data why the kernel ended it.

import { type Answer, type Evidence, fine, found, type Rule } from "../rule.ts";

export const missingExit: Rule = {
  id: "static/missing-exit",
  severity: "warning",
  title: "no exit op",
  rationale:
    "ops.exit() is told why the scheduler ended (struct scx_exit_info): without it that is lost.",
  standsAlone: true,
  check({ ops }: Evidence): Answer {
    if (ops.has("exit")) return fine;
    return found([
      {
        site: null,
        message:
          "the policy has no exit op: why the kernel ended it can't be read from it afterwards",
        hint: "Add UEI_DEFINE(uei); an exit op with UEI_RECORD(uei, ei); and .exit in SCX_OPS_DEFINE.",
      },
    ]);
  },
};
