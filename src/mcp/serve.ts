// The MCP server on this process's standard input and output, until the client closes them or the
// process is asked to end. Started by the `mcp` command.

import { setTimeout as delay } from "node:timers/promises";
import { StdioServerTransport, serveStdio } from "@modelcontextprotocol/server/stdio";
import type { Measurement } from "../contract/measurement.ts";
import type { ControlPlane } from "../control/control-plane.ts";
import { Jobs } from "./jobs.ts";
import { makeServer } from "./server.ts";

export async function serveMcp(
  control: ControlPlane,
  version: string,
  signal: AbortSignal,
): Promise<void> {
  const jobs = new Jobs<Measurement>((ms, ended) =>
    delay(ms, undefined, { signal: ended, ref: false }).catch((error: unknown) => {
      if (!ended.aborted) throw error;
    }),
  );
  const closed = Promise.withResolvers<void>();
  const transport = new StdioServerTransport();
  const server = serveStdio(() => makeServer(control, jobs, version), { transport });
  // The server has set its own; both are to hear of it.
  const told = transport.onclose;
  transport.onclose = () => {
    told?.();
    closed.resolve();
  };
  signal.addEventListener("abort", () => closed.resolve(), { once: true });
  await closed.promise;
  await jobs.close();
  await server.close();
}
