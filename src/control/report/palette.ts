// Colours of everything that this folder draws, light and dark. Data colours are safe for colour-blind
// readers. Used by the page's style sheet and by drawings that stand alone.

import { literal } from "./html.ts";

export const palette = literal`
:root{color-scheme:light dark;--bg:#fcfcfa;--panel:#fff;--ink:#15191e;--soft:#56606b;--rule:#dcdfe3;--grid:#e9ebee;--idle:#f0f1f3;--default:#74879f;--default-ink:#4d6079;--candidate:#d1480d;--candidate-ink:#b33a06;--good:#0a6a54;--warn-bg:#fff5db;--warn-ink:#6b4700;--warn-rule:#e8c877;--code:#f1f2f4;
--e0:#3d3a9e;--e1:#7cc0e4;--e2:#d6ab3f;--e3:#2b9c8c;--e4:#c75d7c;--e5:#8d9029;--e6:#7d2454;--e7:#a3a9b0}
@media screen and (prefers-color-scheme:dark){:root{--bg:#101316;--panel:#171b1f;--ink:#e9ebee;--soft:#9ea8b3;--rule:#2e343a;--grid:#262b31;--idle:#1c2126;--default:#8599b0;--default-ink:#a9bacd;--candidate:#ff8243;--candidate-ink:#ff9a66;--good:#4cc4a4;--warn-bg:#2b2311;--warn-ink:#f0cf86;--warn-rule:#5d4a1c;--code:#1e2429;
--e0:#b9b4ff;--e1:#2f6d91;--e2:#cda544;--e3:#38a998;--e4:#d8738f;--e5:#a4a83a;--e6:#b25789;--e7:#6d757e}}
.e0{fill:var(--e0)}.e1{fill:var(--e1)}.e2{fill:var(--e2)}.e3{fill:var(--e3)}.e4{fill:var(--e4)}.e5{fill:var(--e5)}.e6{fill:var(--e6)}.e7{fill:var(--e7)}
`;
