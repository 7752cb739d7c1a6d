// The HTML page around the sections: head, policy against everything from outside, style, footer.

import type { Environment } from "../../contract/measurement.ts";
import type { Headline } from "./headline.ts";
import { clip, type Html, html, type Part } from "./html.ts";
import { moment } from "./quantity.ts";
import { nameCharsMax } from "./report-input.ts";
import { style } from "./style.ts";

/** Nothing may be loaded or run; styles are inline. */
const contentPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

export interface PageContent {
  workload: string;
  /** ISO date of the beginning. */
  startedAt: string;
  id: string;
  headline: Headline;
  /** Why; from outside. */
  reason: string;
  environment: Environment | null;
  /** What stands beside the headline. */
  opening: Part;
  sections: Part;
}

export function page(content: PageContent): Html {
  const { headline } = content;
  const workload = clip(content.workload, nameCharsMax);
  return htmlDocument(
    html`${workload}: ${headline.chip.toLowerCase()} · SchedCP report`,
    html`<main>
<header><p class="eyebrow"><b>SchedCP report</b><span>${workload}</span><span>${moment(clip(content.startedAt, 40))}</span></p><p class="chip ${headline.tone}">${headline.chip}</p><h1>${headline.sentence}</h1>${
      headline.interval !== null && html`<p class="interval">${headline.interval}</p>`
    }${content.reason !== "" && html`<p class="reason">${clip(content.reason, 2000)}</p>`}${emulatedNote(content.environment)}</header>
${content.opening}
${content.sections}
<footer><p>Made by schedcp from stored measurements. This file loads nothing and runs no script. Report of <code>${clip(content.id, nameCharsMax)}</code>.</p></footer>
</main>`,
  );
}

/** A whole file: nothing is loaded, nothing runs. */
export function htmlDocument(title: Part, body: Part): Html {
  return html`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${contentPolicy}"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer"><title>${title}</title><style>${style}</style></head><body>${body}</body></html>
`;
}

function emulatedNote(environment: Environment | null): Part {
  if (environment === null || !environment.emulated) return null;
  return html`<p class="emulated" role="note"><b>Emulated.</b> These runs took place under software emulation, which models no caches, SMT or NUMA. The comparison is fair, since both arms ran the same way, but times are not those of real hardware: measure again there before relying on them.</p>`;
}
