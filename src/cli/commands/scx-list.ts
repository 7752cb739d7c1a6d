// `scx list`: the production schedulers' programs that are enrolled, a line each.

import type { EnrolledBinary } from "../../contract/enrolled-binary.ts";
import { moment } from "../../control/report/quantity.ts";
import type { Answer } from "../command.ts";
import { withControlPlane } from "../control.ts";
import { columns, printable, type TextStyle } from "../terminal-text.ts";

export async function run(): Promise<Answer> {
  const enrolled = await withControlPlane((control) => control.enrolled());
  return { document: { enrolled }, text: (style) => enrolledText(enrolled, style), exitCode: 0 };
}

function enrolledText(enrolled: readonly EnrolledBinary[], style: TextStyle): string {
  if (enrolled.length === 0) return "None is enrolled: `schedcp scx enrol FILE` takes one in.";
  const rows = enrolled.map(({ name, version, sha256, enrolledAt }) => [
    style.bold(printable(name)),
    printable(version),
    `${sha256.slice(0, 12)}…`,
    style.dim(moment(enrolledAt)),
  ]);
  return columns(rows, "llll", "");
}
