// The arrows between the rooms of src/, read from every import of every file: who may import whom
// is this table and nothing else. A new arrow is a decision: change the table and say why.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const source = fileURLToPath(new URL("../src", import.meta.url));

/** Room → rooms of ours that it may import. */
const arrows: Record<string, string[]> = {
  // The command line starts the agent and the MCP server; nobody else does.
  cli: ["control", "contract", "agent", "mcp"],
  mcp: ["control", "contract"],
  agent: ["control", "contract"],
  control: ["policy", "simulator", "lab", "contract"],
  policy: ["contract"],
  simulator: ["contract"],
  lab: ["contract"],
  daemon: ["contract"],
  contract: [],
};

/** Rooms that run as root or in a guest: the only packages they may import, beside Node's own. */
const packages: Record<string, string[]> = { daemon: ["zod"], contract: ["zod"], lab: ["zod"] };

interface Import {
  file: string;
  specifier: string;
}

// A specifier follows `from`, a bare `import`, or an opening `import(`; types count as well.
const specifiers = /(?:\bfrom\s*|\bimport\s*\(?\s*)(["'])([^"'\n]+)\1/g;

/** Imports in a text; those in comments count too, which errs on the safe side. */
function importsOf(file: string, text: string): Import[] {
  return [...text.matchAll(specifiers)].map((match) => ({ file, specifier: match[2] ?? "" }));
}

function roomOf(path: string): string {
  const [room = "", ...rest] = relative(source, path).split("/");
  return rest.length === 0 ? "" : room;
}

/** Why the import is not allowed, or null. Paths are absolute. */
function fault({ file, specifier }: Import): string | null {
  const room = roomOf(file);
  const what = `${relative(source, file)} imports ${specifier}`;
  if (specifier.startsWith("node:")) return null;
  if (!specifier.startsWith(".")) {
    const allowed = packages[room];
    const name = specifier
      .split("/")
      .slice(0, specifier.startsWith("@") ? 2 : 1)
      .join("/");
    const free = allowed === undefined || file.endsWith(".test.ts") || allowed.includes(name);
    return free ? null : `${what}: ${room} may import only ${allowed.join(", ")}`;
  }
  const target = resolve(dirname(file), specifier);
  if (!target.endsWith(".ts") && !target.endsWith(".json")) return `${what}: no file extension`;
  if (relative(source, target).startsWith("..")) {
    return file.endsWith(".test.ts") ? null : `${what}: outside src/`;
  }
  const wanted = roomOf(target);
  if (wanted === room || arrows[room]?.includes(wanted)) return null;
  return `${what}: ${room} may not import ${wanted}`;
}

const files = readdirSync(source, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => join(source, name));

test("every room of src/ is in the table", () => {
  const rooms = new Set(files.map(roomOf));
  expect([...rooms].filter((room) => arrows[room] === undefined)).toEqual([]);
});

test("every import follows the arrows", () => {
  const imports = files.flatMap((file) => importsOf(file, readFileSync(file, "utf8")));
  expect(imports.length).toBeGreaterThan(100);
  expect(imports.map(fault).filter((each) => each !== null)).toEqual([]);
});

test("what is not allowed is found", () => {
  const at = (path: string, text: string) => importsOf(join(source, path), text).map(fault);
  expect(at("daemon/main.ts", 'import { x } from "../control/control-plane.ts";')).toEqual([
    "daemon/main.ts imports ../control/control-plane.ts: daemon may not import control",
  ]);
  expect(at("control/a/b.ts", 'const m = await import("../../agent/plan.ts");')).not.toEqual([
    null,
  ]);
  expect(at("contract/x.ts", "import type {\n  A,\n} from '../lab/lab.ts';")).not.toEqual([null]);
  expect(at("daemon/x.ts", 'import { parse } from "yaml";')).not.toEqual([null]);
  expect(at("lab/x.ts", 'export { y } from "../../bench/y.ts";')).not.toEqual([null]);
  expect(at("lab/x.ts", 'import "../contract/errors.ts";')).toEqual([null]);
});
