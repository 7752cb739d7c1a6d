// The frames that all sections share: a section, a figure with its caption, a data table, a legend.

import { clip, type Html, html, type Part } from "./html.ts";
import { textCharsMax } from "./report-input.ts";

export function section(title: Part, ...body: Part[]): Html {
  return html`<section><h2>${title}</h2>${body}</section>`;
}

/** A figure; `table` holds the same numbers for those who cannot or will not look at the drawing. */
export function figure(caption: Part, body: Part, table?: Html): Html {
  return html`<figure>${body}<figcaption>${caption}</figcaption>${
    table !== undefined && html`<details><summary>The same as a table</summary>${table}</details>`
  }</figure>`;
}

export interface Column {
  title: string;
  /** Right-aligned, tabular figures. */
  numeric?: boolean;
}

/** The first cell of a row heads it. */
export function dataTable(
  caption: string,
  columns: readonly Column[],
  rows: readonly Part[][],
): Html {
  const side = (index: number) => (columns[index]?.numeric ? "n" : "t");
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption><thead><tr>${columns.map(
    (column, index) => html`<th scope="col" class="${side(index)}">${column.title}</th>`,
  )}</tr></thead><tbody>${rows.map(
    (row) =>
      html`<tr>${row.map((cell, index) =>
        index === 0
          ? html`<th scope="row" class="${side(index)}">${cell}</th>`
          : html`<td class="${side(index)}">${cell}</td>`,
      )}</tr>`,
  )}</tbody></table></div>`;
}

/** Term and description pairs; a pair whose description is null is left out. */
export function facts(
  pairs: readonly (readonly [string, Part])[],
  size: "broad" | "tight" = "broad",
): Html {
  return html`<dl class="facts ${size}">${pairs
    .filter(([, description]) => description !== null)
    .map(([term, description]) => html`<div><dt>${term}</dt><dd>${description}</dd></div>`)}</dl>`;
}

export interface LegendItem {
  /** A class of the style sheet that colours the mark; never made of data. */
  mark: string;
  label: Part;
}

export function legend(items: readonly LegendItem[]): Html {
  return html`<ul class="legend">${items.map(
    (item) => html`<li><i class="${item.mark}" aria-hidden="true"></i>${item.label}</li>`,
  )}</ul>`;
}

/** Text from outside as running text, cut at a limit. */
export function prose(text: string): Html {
  return html`<span class="given">${clip(text, textCharsMax)}</span>`;
}

export function code(text: string, charactersMax = 200): Html {
  return html`<code>${clip(text, charactersMax)}</code>`;
}

/** A diamond at a place given in percent and pixels: the mark of a candidate. */
export function diamond(x: string, y: string | number, radius: number, className: string): Html {
  const path = `M0 ${-radius}L${radius} 0L0 ${radius}L${-radius} 0Z`;
  return html`<svg x="${x}" y="${y}" overflow="visible"><path class="${className}" d="${path}"/></svg>`;
}
