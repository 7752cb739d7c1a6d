// `mcp`: serves the Model Context Protocol on standard input and output until the client leaves.

import { serveMcp } from "../../mcp/serve.ts";
import type { CommandInput } from "../command.ts";
import { withControlPlane } from "../control.ts";
import { version } from "../version.ts";

export async function run(input: CommandInput): Promise<null> {
  await withControlPlane((control) => serveMcp(control, version(), input.signal));
  return null;
}
