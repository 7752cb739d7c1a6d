// "Did you mean …?": the known word that is nearest to a misspelt one. Pure; called wherever a user's
// word is looked up in a closed set (keys and metrics of a workload, knobs, policies, programs).

/** Longer words are not compared: nobody mistypes one, and the cost grows with the square. */
const wordCharactersMax = 64;

/**
 * The nearest of `known`, or null where none is near: at most a third of the word's letters may
 * differ (at least one may). Case, `_` and `-` do not count. The first of equally near ones wins.
 */
export function suggest(word: string, known: Iterable<string>): string | null {
  if (word.length > wordCharactersMax) return null;
  const plain = plainForm(word);
  let best: string | null = null;
  let bestDistance = Math.max(1, Math.floor(plain.length / 3)) + 1;
  for (const candidate of known) {
    if (candidate.length > wordCharactersMax) continue;
    const distance = editDistance(plain, plainForm(candidate));
    // A word that shares nothing with the candidate is not a misspelling of it.
    if (distance < bestDistance && distance < plain.length) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** `: did you mean …?` or an empty string, to be put behind a message. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const suggestion = suggest(word, known);
  return suggestion === null ? "" : `: did you mean \`${suggestion}\`?`;
}

/**
 * Optimal string alignment: insertions, deletions, replacements and swaps of neighbours, each 1.
 */
export function editDistance(left: string, right: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const replaced = left[row - 1] === right[column - 1] ? 0 : 1;
      let cost = Math.min(
        at(previous, column) + 1,
        at(current, column - 1) + 1,
        at(previous, column - 1) + replaced,
      );
      const swapped =
        row > 1 &&
        column > 1 &&
        left[row - 1] === right[column - 2] &&
        left[row - 2] === right[column - 1];
      if (swapped) cost = Math.min(cost, at(beforePrevious, column - 2) + 1);
      current.push(cost);
    }
    beforePrevious = previous;
    previous = current;
  }
  return at(previous, right.length);
}

function plainForm(word: string): string {
  return word.toLowerCase().replaceAll(/[_-]/g, "");
}

function at(costs: readonly number[], index: number): number {
  const cost = costs[index];
  if (cost === undefined) throw new RangeError(`no cost at ${index}`);
  return cost;
}
