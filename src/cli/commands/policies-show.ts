// `policies show`: one policy: what it is for, its knobs, and with --source its C.

import type { Knob, PolicyMetadata } from "../../contract/policy.ts";
import { type Answer, argument, type CommandInput } from "../command.ts";
import { withControlPlane } from "../control.ts";
import { printable, printableLines, type TextStyle, wrapped } from "../terminal-text.ts";

const width = 76;

export async function run(input: CommandInput): Promise<Answer> {
  const policy = await withControlPlane((control) => control.showPolicy(argument(input, 0)));
  const sourceOnly = input.options.source === true;
  return {
    document: policy,
    text: (style) =>
      sourceOnly ? printableLines(policy.source.trimEnd()) : metadataText(policy.metadata, style),
    exitCode: 0,
  };
}

function metadataText(metadata: PolicyMetadata, style: TextStyle): string {
  const paragraph = (title: string, text: string) =>
    `${style.bold(title)}\n${wrapped(printable(text.trim().replace(/\s+/g, " ")), width, "  ")}`;
  const sections = [
    `${style.bold(metadata.name)}  ${printable(metadata.summary)}`,
    paragraph("How it decides", metadata.description),
    paragraph("Typical use", metadata.typicalUse),
    paragraph("Not for", metadata.notFor),
  ];
  if (metadata.knobs.length > 0) {
    const knobs = metadata.knobs.map((knob) => knobText(knob, style));
    sections.push([style.bold("Knobs"), ...knobs].join("\n"));
  }
  const { hints, productionReady, licence } = metadata;
  const facts = [
    `production ready: ${productionReady ? "yes" : "no"}`,
    ...(hints ? ["takes hints (--set hint.ENTRY=MS)"] : []),
    `licence: ${licence}`,
    `tags: ${metadata.tags.join(" ")}`,
  ];
  sections.push(style.dim(wrapped(printable(facts.join(", ")), width)));
  return sections.join("\n\n");
}

/** `slice_us = 4000 µs  (100 to 100000)`, and what it does. */
function knobText(knob: Knob, style: TextStyle): string {
  const unit = knob.unit === undefined ? "" : ` ${knob.unit}`;
  const ranged = knob.min !== undefined || knob.max !== undefined;
  const range = ranged ? `${knob.min ?? "…"} to ${knob.max ?? "…"}` : knob.type;
  const value = knob.default === "" ? '""' : `${String(knob.default)}${unit}`;
  return [
    `  ${printable(`${knob.name} = ${value}`)}  ${style.dim(`(${range})`)}`,
    style.dim(wrapped(printable(knob.description), width - 4, "    ")),
  ].join("\n");
}
