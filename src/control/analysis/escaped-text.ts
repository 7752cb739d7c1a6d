// Text from a workload, a guest or a log, made fit for a message: one line, no control or invisible
// characters, bounded. Called wherever untrusted text goes into an error, a finding or a summary.

/** Control, format, surrogate, private and unassigned characters, and line separators. */
const unprintable = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** The end of the text (what a program said last), with `…` in front where something was cut. */
export function escapedTail(text: string, charactersMax: number): string {
  const trimmed = text.trimEnd();
  const escaped = trimmed.slice(-charactersMax).replace(unprintable, escapeCharacter);
  const cut = trimmed.length > charactersMax || escaped.length > charactersMax;
  return cut ? `…${escaped.slice(-charactersMax)}` : escaped;
}

function escapeCharacter(character: string): string {
  const named: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };
  const code = character.codePointAt(0) ?? 0;
  return named[character] ?? `\\u{${code.toString(16)}}`;
}
