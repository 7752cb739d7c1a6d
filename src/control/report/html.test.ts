import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clip, escapeHtml, html, toMarkup } from "./html.ts";

describe("markup", () => {
  test("escapes holes, nests markup, leaves out nothing-values", () => {
    const inner = html`<b title="${`"><script>`}">${"a < b & 'c'"}</b>`;
    expect(toMarkup(html`<p>${inner}${null}${false}${undefined}${[1, "x"]}</p>`)).toBe(
      '<p><b title="&quot;&gt;&lt;script&gt;">a &lt; b &amp; &#39;c&#39;</b>1x</p>',
    );
  });

  test("refuses an attribute value without quotes", () => {
    expect(() => html`<p title=${"x"}>`).toThrow(TypeError);
    expect(toMarkup(html`<p>${"a="}${"b"}</p>`)).toBe("<p>a=b</p>");
  });

  test("shows what would hide or reorder text", () => {
    expect(escapeHtml("a\u202egnp.exe\u0000\u200b\ud800b")).toBe(
      "a\ufffdgnp.exe\ufffd\ufffd\ufffdb",
    );
    expect(escapeHtml("tab\tand\nline")).toBe("tab\tand\nline");
  });

  test("no string leaves a character that means something in HTML", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(0xffff), { maxLength: 200 }), (units) => {
        const text = String.fromCharCode(...units, ...units.map((unit) => unit % 128));
        expect(escapeHtml(text).replace(/&(amp|lt|gt|quot|#39|#96);/g, "")).not.toMatch(/[<>"'`&]/);
      }),
    );
  });

  test("an object that only looks like markup is no markup", () => {
    const fake: unknown = JSON.parse('{"markup":"<script>"}');
    expect(toMarkup(html`${fake as string}`)).not.toContain("<script>");
  });

  test("clips with an ellipsis", () => {
    expect(clip("longest-first", 8)).toBe("longest…");
    expect(clip("short", 8)).toBe("short");
  });
});
