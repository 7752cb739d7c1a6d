// A cause as the judges of this room find it; explain-exit.ts makes the explanation of it.

import type { Explanation } from "../../contract/explanation.ts";
import type { Reproduction } from "./reproduction.ts";

export interface Cause {
  id: string;
  blame: Explanation["blame"];
  summary: string;
  evidence: string[];
  remedy: string[];
  /** Null where nothing in the simulator can show it. */
  reproduction: Reproduction | null;
}
