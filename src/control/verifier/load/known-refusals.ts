// The kinds of refusal that are known by the kernel's words for them: what each means and how to mend it,
// written so that a language model can act on it. The words are those of kernel/bpf/verifier.c, of libbpf
// and of scx_enable() in kernel/sched/ext; each kind's real log lies in test/verifier/logs. Kinds that
// clang already stops (signed division, a frame above 512 bytes) are the compile stage's.

import { boundRefusals } from "./bound-refusals.ts";
import { callRefusals } from "./call-refusals.ts";
import { formRefusals } from "./form-refusals.ts";
import { pointerRefusals } from "./pointer-refusals.ts";
import type { Step } from "./verifier-log.ts";

export interface KnownRefusal {
  /** The rule is `load/<id>`. */
  id: string;
  /** Tried on the words, a line each. Without nested repetition: the words can be hostile. */
  pattern: RegExp;
  /** Where the same words have several causes: one of the path's instructions must match, too. */
  after?: RegExp;
  /** One clause; follows the name of the program. May use groups of the pattern. */
  meaning: (found: RegExpExecArray) => string;
  /** What to do, with a short piece of C. */
  remedy: (found: RegExpExecArray) => string;
  /** Words of the source near which it lies, where the log names no line. */
  anchors?: (found: RegExpExecArray) => readonly string[];
}

/** The first that fits is told: what is more special stands before what is more general. */
export const knownRefusals: readonly KnownRefusal[] = [
  ...formRefusals,
  ...callRefusals,
  ...pointerRefusals,
  ...boundRefusals,
];

export interface Recognised {
  id: string;
  meaning: string;
  remedy: string;
  anchors: readonly string[];
}

export function recognise(words: readonly string[], path: readonly Step[]): Recognised | null {
  const said = words.join("\n");
  for (const { id, pattern, after, meaning, remedy, anchors } of knownRefusals) {
    const found = pattern.exec(said);
    if (found === null) continue;
    if (after !== undefined && !path.some((step) => after.test(step.instruction))) continue;
    return {
      id,
      meaning: meaning(found),
      remedy: remedy(found),
      anchors: anchors?.(found) ?? [],
    };
  }
  return null;
}
