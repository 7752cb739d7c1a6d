// One YAML document (JSON is YAML too) as a plain value, with the way back from a path in the value
// to a line of the text. Bounded against alias bombs and deep nesting. Called by workload-file.ts.

import {
  type Document,
  isMap,
  isNode,
  isPair,
  isScalar,
  LineCounter,
  type Node,
  parseAllDocuments,
  type YAMLError,
} from "yaml";
import { escapedTail } from "./escaped-text.ts";

export interface Problem {
  /** Both count from 1. */
  line: number;
  column: number;
  message: string;
}

export type ValuePath = readonly PropertyKey[];
export type Position = Pick<Problem, "line" | "column">;

export interface YamlDocument {
  value: unknown;
  /** What keeps it from being one document; `value` is undefined then. */
  problems: Problem[];
  /** Of the value at the path, or of the nearest thing around it that the text has. */
  locate(path: ValuePath): Position;
  /** Of a key of the map at the path. */
  locateKey(path: ValuePath, key: string): Position;
}

/** What is asked of a parsed document here; its exact type is the library's affair. */
type AnyDocument = Pick<Document.Parsed, "contents" | "getIn">;

const aliasesMax = 100;

export function parseYaml(text: string): YamlDocument {
  const lines = new LineCounter();
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const failed = (message: string, offset = 0): YamlDocument => ({
    value: undefined,
    problems: [{ ...position(offset), message }],
    locate: () => position(0),
    locateKey: () => position(0),
  });
  try {
    const documents = parseAllDocuments(text, {
      lineCounter: lines,
      prettyErrors: false,
      logLevel: "silent",
    });
    const [document, second] = "empty" in documents ? [] : documents;
    if (document === undefined) return failed("the file is empty");
    if (second !== undefined) {
      const start = second.contents?.range?.[0] ?? second.range?.[0];
      return failed("a second document begins here: a file holds one workload", start);
    }
    const faults: YAMLError[] = [...document.errors, ...document.warnings];
    // The library reports its own stack overflow as a fault at every level.
    const tooDeep = faults.find((fault) => fault.message.includes("call stack"));
    if (tooDeep !== undefined) return failed("nested too deeply", tooDeep.pos[0]);
    if (faults.length > 0) {
      const problems = faults.map((fault) => ({
        ...position(fault.pos[0]),
        message: `not YAML: ${escapedTail(fault.message, 300)}`,
      }));
      return { ...failed(""), problems };
    }
    const value: unknown = document.toJS({ maxAliasCount: aliasesMax });
    if (value === null) return failed("the file is empty");
    return {
      value,
      problems: [],
      locate: (path) => position(offsetOf(document, path)),
      locateKey: (path, key) => position(offsetOfKey(document, path, key)),
    };
  } catch (error) {
    // The library recurses by depth, and throws this for more aliases than allowed.
    if (error instanceof RangeError) return failed("nested too deeply");
    if (error instanceof ReferenceError) return failed(`more than ${aliasesMax} aliases`);
    throw error;
  }
}

function nodeAt(document: AnyDocument, path: ValuePath): Node | null {
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  return isNode(node) ? node : null;
}

function offsetOf(document: AnyDocument, path: ValuePath): number {
  for (let length = path.length; length >= 0; length--) {
    const offset = nodeAt(document, path.slice(0, length))?.range?.[0];
    if (offset !== undefined) return offset;
  }
  return 0;
}

function offsetOfKey(document: AnyDocument, path: ValuePath, key: string): number {
  const map = nodeAt(document, path);
  const pair = isMap(map)
    ? map.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === key)
    : undefined;
  const offset = isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
  return offset ?? offsetOf(document, path);
}
