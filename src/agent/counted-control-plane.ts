// The control plane as the agent uses it, with every use counted: `cost.toolCalls` of a Result is
// how often a tool was called, the failing calls included. Called by optimize.ts.

import type { ControlPlane } from "../control/control-plane.ts";

export interface CountedControlPlane {
  control: ControlPlane;
  toolCalls(): number;
}

export function countCalls(inner: ControlPlane): CountedControlPlane {
  let calls = 0;
  const counted =
    <Arguments extends unknown[], Answer>(method: (...given: Arguments) => Promise<Answer>) =>
    (...given: Arguments): Promise<Answer> => {
      calls++;
      return method(...given);
    };
  return {
    toolCalls: () => calls,
    control: {
      profile: counted(inner.profile.bind(inner)),
      searchPolicies: counted(inner.searchPolicies.bind(inner)),
      showPolicy: counted(inner.showPolicy.bind(inner)),
      verify: counted(inner.verify.bind(inner)),
      simulate: counted(inner.simulate.bind(inner)),
      experiment: counted(inner.experiment.bind(inner)),
      screen: counted(inner.screen.bind(inner)),
      trace: counted(inner.trace.bind(inner)),
      explain: counted(inner.explain.bind(inner)),
      history: counted(inner.history.bind(inner)),
      saveResult: counted(inner.saveResult.bind(inner)),
      // Not a tool: it ends the control plane.
      close: () => inner.close(),
    },
  };
}
