// Markup that escapes by default. Every string that goes through `html` is data: it is escaped, and
// characters that hide or reorder text are replaced. Only literals of this folder become markup.
// Used by all files of the report; knows nothing of them.

const markupOf = Symbol("markup");

/** Finished markup. Only `html` and `literal` make it, so no string can pass for it. */
export interface Html {
  readonly [markupOf]: string;
}

export type Part = Html | string | number | null | undefined | false | readonly Part[];

const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "`": "&#96;",
};

/** C0 and C1 controls but tab and newline, and Unicode's invisible and reordering format characters. */
const hidden =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb\ufffe\uffff]/g;

export function escapeHtml(text: string): string {
  return text
    .toWellFormed()
    .replace(hidden, "\ufffd")
    .replace(/[&<>"'`]/g, (character) => entities[character] ?? "");
}

function render(part: Part): string {
  if (part === null || part === undefined || part === false) return "";
  if (typeof part === "string") return escapeHtml(part);
  if (typeof part === "number") return Number.isFinite(part) ? String(part) : "0";
  if (isParts(part)) return part.map(render).join("");
  return part[markupOf];
}

function isParts(part: Html | readonly Part[]): part is readonly Part[] {
  return Array.isArray(part);
}

/** Template whose holes are escaped. A hole may stand in text or in a quoted attribute value. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  let markup = strings[0] ?? "";
  for (const [index, part] of parts.entries()) {
    if (strings[index]?.endsWith("=")) throw new TypeError("an attribute value without quotes");
    markup += render(part) + (strings[index + 1] ?? "");
  }
  return { [markupOf]: markup };
}

/** Markup that takes no data at all: style sheets. */
export function literal(strings: TemplateStringsArray): Html {
  return { [markupOf]: strings.join("") };
}

export function toMarkup(value: Html): string {
  return value[markupOf];
}

/** The beginning of a text, with an ellipsis where it was cut. */
export function clip(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text;
  return `${text.slice(0, Math.max(0, charactersMax - 1)).trimEnd()}…`;
}
