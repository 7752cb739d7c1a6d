// Draws the pieces of one CPU's lane: a path a colour, and a path of its own for each segment that is
// wide enough to be pointed at. Called by timeline-figure.ts.

import type { Trace } from "../../contract/measurement.ts";
import { clip, type Html, html } from "./html.ts";
import { duration } from "./quantity.ts";
import { nameCharsMax } from "./report-input.ts";
import type { Scale } from "./scale.ts";
import type { Piece, Solo } from "./timeline-pieces.ts";
import { coloursMax, entryName } from "./trace-summary.ts";

/** Horizontal units of a lane's drawing; it is stretched to the width of the page. */
const units = 20_000;
/** Segments that say on hovering who they are: the widest ones, if wide enough to point at. */
const titledMax = 600;
const titledUnitsMin = units / 200;

/** What all lanes of a figure share. */
export interface Drawing {
  horizonUs: number;
  scale: Scale;
  colours: Map<string, number>;
}

/** The segments that get a title, out of all lanes of an arm. */
export function widest(pieces: readonly Piece[], horizonUs: number): Set<Solo> {
  const widthUsMin = (horizonUs * titledUnitsMin) / units;
  const solos = pieces
    .filter((piece) => piece.kind === "solo")
    .filter(({ startUs, endUs }) => endUs - startUs >= widthUsMin);
  solos.sort((a, b) => b.endUs - b.startUs - (a.endUs - a.startUs));
  return new Set(solos.slice(0, titledMax));
}

export function lanePieces(
  pieces: readonly Piece[],
  trace: Trace,
  { horizonUs, colours }: Drawing,
  titled: Set<Solo>,
): Html {
  const at = (us: number) => Math.round((us / horizonUs) * units);
  const colourOf = (index: number) => colours.get(entryName(trace, index)) ?? coloursMax;
  const paths = new Map<number, string>();
  const blocks: Html[] = [];
  const draw = (colour: number, x: number, width: number, y: number, height: number) => {
    paths.set(colour, `${paths.get(colour) ?? ""}M${x} ${y}h${width}v${height}h${-width}z`);
  };
  for (const piece of pieces) {
    const [x, end] = [at(piece.startUs), at(piece.endUs)];
    if (piece.kind === "mixture") {
      const byColour = new Map<number, number>();
      for (const [entry, part] of piece.shares) {
        byColour.set(colourOf(entry), (byColour.get(colourOf(entry)) ?? 0) + part);
      }
      let bottom = 100;
      for (const [colour, part] of [...byColour].sort(([a], [b]) => a - b)) {
        const height = Math.min(bottom, Math.max(1, Math.round(part * 100)));
        bottom -= height;
        if (height > 0) draw(colour, x, Math.max(1, end - x), bottom, height);
      }
      continue;
    }
    // A hair of ground between two tasks tells them apart, where there is room for it.
    const apart = end - x > titledUnitsMin ? units / 800 : 0;
    const width = Math.max(1, end - x - apart);
    const colour = colourOf(piece.entry);
    if (titled.has(piece)) {
      blocks.push(
        html`<path class="e${colour}" d="M${x} 0h${width}v100h${-width}z"><title>${clip(entryName(trace, piece.entry), nameCharsMax)}, pid ${piece.pid}: ${duration(piece.startUs / 1000)} to ${duration(piece.endUs / 1000)}</title></path>`,
      );
    } else draw(colour, x, width, 0, 100);
  }
  return html`<svg width="100%" height="100%" viewBox="0 0 ${units} 100" preserveAspectRatio="none">${[
    ...paths,
  ].map(([colour, path]) => html`<path class="e${colour}" d="${path}"/>`)}${blocks}</svg>`;
}
