// Where in a policy's source a refusal belongs to whose log names no line, or only the head of an op: by the
// names in the kernel's words. Pure; a bounded search in text of any kind.

export interface PolicySource {
  /** As the compiler names it: `name.bpf.c`. */
  file: string;
  text: string;
}

const linesMax = 20_000;

/** The first line (from 1) at or behind `from`, else at all, that has one of these words. */
export function anchorLine(text: string, words: readonly string[], from: number): number | null {
  const lines = text.split("\n", linesMax);
  for (const word of words) {
    const at = lines.findIndex((line, index) => index + 1 >= from && hasWord(line, word));
    const found = at >= 0 ? at : lines.findIndex((line) => hasWord(line, word));
    if (found >= 0) return found + 1;
  }
  return null;
}

/** Not as a part of a longer name, not in a line of comment. */
function hasWord(line: string, word: string): boolean {
  if (/^\s*(?:\/\/|\/\*|\*)/.test(line)) return false;
  const at = line.indexOf(word);
  if (at < 0 || word === "") return false;
  return !/\w/.test(line.charAt(at - 1)) && !/\w/.test(line.charAt(at + word.length));
}
