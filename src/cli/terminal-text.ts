// Text for a terminal: what came from outside is made harmless, colours only where wanted, columns
// aligned by what is visible. Pure. Every string that the command line prints goes through here.

import { stripVTControlCharacters } from "node:util";
import { escapedTail } from "../control/analysis/escaped-text.ts";

const lineCharsMax = 2000;

/** One line without control or invisible characters, bounded: names, messages, words of a kernel. */
export function printable(text: string): string {
  return escapedTail(text, lineCharsMax);
}

/** The same for text that may have lines of its own, each indented. */
export function printableLines(text: string, indent = ""): string {
  return text
    .split("\n")
    .map((line) => `${indent}${printable(line.replaceAll("\t", "    "))}`)
    .join("\n");
}

/** JSON in which no character does anything to a terminal; the same document to a parser. */
export function printableJson(document: object, indented: boolean): string {
  return JSON.stringify(document, null, indented ? 2 : 0).replace(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    (character) =>
      character === "\n"
        ? character
        : Array.from({ length: character.length }, (_, unit) => jsonEscape(character, unit)).join(
            "",
          ),
  );
}

function jsonEscape(character: string, unit: number): string {
  return `\\u${character.charCodeAt(unit).toString(16).padStart(4, "0")}`;
}

/** Marks for a piece of text; each returns it unchanged where there are no colours. */
export interface TextStyle {
  bold: (text: string) => string;
  dim: (text: string) => string;
  good: (text: string) => string;
  bad: (text: string) => string;
  warn: (text: string) => string;
}

const plain = (text: string): string => text;
export const plainStyle: TextStyle = {
  bold: plain,
  dim: plain,
  good: plain,
  bad: plain,
  warn: plain,
};

const coloured: TextStyle = {
  bold: sgr(1, 22),
  dim: sgr(2, 22),
  good: sgr(32, 39),
  bad: sgr(31, 39),
  warn: sgr(33, 39),
};

function sgr(on: number, off: number): (text: string) => string {
  return (text) => (text === "" ? text : `\u001b[${on}m${text}\u001b[${off}m`);
}

/** Colours on a terminal that has them, unless NO_COLOR (https://no-color.org) is set. */
export function styleFor(isTerminal: boolean, environment: NodeJS.ProcessEnv): TextStyle {
  const refused = (environment.NO_COLOR ?? "") !== "" || environment.TERM === "dumb";
  return isTerminal && !refused ? coloured : plainStyle;
}

export function visibleWidth(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}

export function padded(text: string, width: number, side: "left" | "right" = "left"): string {
  const space = " ".repeat(Math.max(width - visibleWidth(text), 0));
  return side === "left" ? text + space : space + text;
}

/** Cut to the width, with … where something went; colours are dropped from what is cut. */
export function cut(text: string, width: number): string {
  if (visibleWidth(text) <= width) return text;
  return `${[...stripVTControlCharacters(text)].slice(0, Math.max(width - 1, 0)).join("")}…`;
}

/** Words of a text in lines of a width; a longer word has a line of its own. */
export function wrapped(text: string, width: number, indent = ""): string {
  const lines = [""];
  for (const word of text.split(/ +/)) {
    const last = lines.at(-1) ?? "";
    const joined = last === "" ? word : `${last} ${word}`;
    if (visibleWidth(joined) <= width) lines[lines.length - 1] = joined;
    else lines.push(word);
  }
  return lines.map((line) => indent + line).join("\n");
}

/** A last column that may be long: wrapped under its own beginning. `indent` is where it begins. */
export function hanging(text: string, indent: number, width: number): string {
  return wrapped(text, Math.max(width - indent, 20), " ".repeat(indent)).trimStart();
}

/** Columns side by side, two spaces apart, each as wide as its widest cell. `r` aligns right. */
export function columns(
  rows: readonly (readonly string[])[],
  alignment: string,
  indent = "  ",
): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, visibleWidth(cell));
    }
  }
  return rows
    .map((row) => {
      const cells = row.map((cell, column) =>
        padded(cell, widths[column] ?? 0, alignment[column] === "r" ? "right" : "left"),
      );
      return (indent + cells.join("  ")).trimEnd();
    })
    .join("\n");
}
