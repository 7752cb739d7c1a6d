// The SDK's own client, connected to a server in a process of its own over real stdio.

import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

export interface Connection {
  client: Client;
  /** What the server has written to standard error so far. */
  stderr: () => string;
  /** Resolves when standard error has this text. */
  said: (text: string) => Promise<void>;
}

export async function connect(
  script: string,
  args: string[],
  environment: Record<string, string>,
): Promise<Connection> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [
      "--disable-warning=ExperimentalWarning",
      fileURLToPath(new URL(script, import.meta.url)),
      ...args,
    ],
    env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", ...environment },
    stderr: "pipe",
  });
  let text = "";
  const waiting = new Set<() => void>();
  transport.stderr?.on("data", (chunk: Buffer) => {
    text += chunk.toString();
    for (const check of waiting) check();
  });
  const client = new Client({ name: "schedcp-test", version: "0" });
  await client.connect(transport);
  return {
    client,
    stderr: () => text,
    said: (wanted) =>
      new Promise((resolve) => {
        const check = () => {
          if (!text.includes(wanted)) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
  };
}
