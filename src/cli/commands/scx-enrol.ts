// `scx enrol`: takes a production scheduler's own program in, by its name, version and digest.

import { type Answer, argument, type CommandInput } from "../command.ts";
import { withControlPlane } from "../control.ts";
import { printable } from "../terminal-text.ts";

export async function run(input: CommandInput): Promise<Answer> {
  const path = argument(input, 0);
  const { progress, signal } = input;
  const enrolled = await withControlPlane((control) => control.enrol(path, { progress, signal }));
  const { name, version, sha256 } = enrolled;
  return {
    document: { enrolled },
    text: (style) =>
      [
        `${style.good("✓")} ${style.bold(printable(`${name} ${version}`))} is enrolled`,
        style.dim(`  sha256 ${sha256}`),
        style.dim(
          printable(`  nothing is said of how good it is: schedcp verify --binary ${path}`),
        ),
      ].join("\n"),
    exitCode: 0,
  };
}
