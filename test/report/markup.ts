// A strict reader of the report's markup for its tests: every tag must be one that the report uses,
// with quoted attributes, and closed in order. It forgives nothing that a browser would forgive.

export interface Element {
  tag: string;
  attributes: Map<string, string>;
  /** Own text and that of descendants, entities left as they are. */
  text: string;
  /** From the root down. */
  path: string[];
}

const voids = new Set(["meta", "br"]);
const tagPattern =
  /^<(\/?)([a-zA-Z][a-zA-Z0-9]*)((?: [a-zA-Z][a-zA-Z0-9:-]*(?:="[^"<>]*")?)*)(\/?)>/;
const attributePattern = / ([a-zA-Z][a-zA-Z0-9:-]*)(?:="([^"<>]*)")?/g;

/** All elements in order of their start. Throws where the markup is not well formed. */
export function readMarkup(page: string): Element[] {
  const doctype = "<!DOCTYPE html>";
  if (!page.startsWith(doctype)) throw new Error("no doctype");
  const elements: Element[] = [];
  const open: Element[] = [];
  let at = doctype.length;
  while (at < page.length) {
    const next = page.indexOf("<", at);
    const text = page.slice(at, next < 0 ? page.length : next);
    if (text.includes(">") && open.at(-1)?.tag !== "style") throw new Error(`a bare > in ${text}`);
    for (const element of open) element.text += text;
    if (next < 0) break;
    const match = tagPattern.exec(page.slice(next, next + 600_000));
    if (match === null) throw new Error(`not a tag: ${page.slice(next, next + 80)}`);
    const [whole, closing, tag = "", rest = "", selfClosing] = match;
    at = next + whole.length;
    if (closing === "/") {
      const last = open.pop();
      if (last?.tag !== tag) throw new Error(`</${tag}> closes <${last?.tag}>`);
      continue;
    }
    const element: Element = {
      tag,
      attributes: new Map(
        [...rest.matchAll(attributePattern)].map(([, name = "", value = ""]) => [name, value]),
      ),
      text: "",
      path: open.map((ancestor) => ancestor.tag),
    };
    elements.push(element);
    if (selfClosing !== "/" && !voids.has(tag)) open.push(element);
  }
  if (open.length > 0) throw new Error(`<${open.at(-1)?.tag}> is not closed`);
  return elements;
}

export function withClass(elements: readonly Element[], ...names: string[]): Element[] {
  return elements.filter((element) => {
    const classes = (element.attributes.get("class") ?? "").split(" ");
    return names.every((name) => classes.includes(name));
  });
}

/** Tags and names of attributes, in order: what strings from outside must not change. */
export function skeleton(elements: readonly Element[]): string {
  return elements
    .map(({ tag, attributes, path }) => `${path.length} ${tag} ${[...attributes.keys()].join(" ")}`)
    .join("\n");
}
