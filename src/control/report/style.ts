// The report's style sheet, in one piece because a page is read as one. Data colours are safe for
// colour-blind readers; arms also differ by shape (circle, diamond). Paper gets the light colours.

import { html, literal } from "./html.ts";
import { palette } from "./palette.ts";

const rules = literal`
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--ink);font:17px/1.55 system-ui,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans","Liberation Sans",Arial,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
main{max-width:1080px;margin:0 auto;padding:3.2rem 2rem 4rem}
p{margin:0 0 .8rem}
b{font-weight:650}
small{font-size:.8125rem;color:var(--soft);font-weight:400}
code,pre{font:0.86em/1.5 ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono","DejaVu Sans Mono",monospace}
code{background:var(--code);border-radius:4px;padding:.1em .35em}
.given{white-space:pre-line}
.eyebrow{display:flex;flex-wrap:wrap;gap:.1rem 1.4rem;font-size:.875rem;color:var(--soft);margin:0 0 2.4rem}
.eyebrow b{color:var(--ink)}
.chip{display:inline-block;font-size:.875rem;font-weight:650;line-height:1.3;padding:.28rem .75rem;border-radius:99px;border:1.5px solid currentColor;margin:0 0 1rem}
.chip.promote,.chip.pass{color:var(--good)}
.chip.keep-default{color:var(--default-ink)}
.chip.inconclusive{color:var(--warn-ink)}
.chip.reject{color:var(--candidate-ink)}
h1{font-size:clamp(1.75rem,4.4vw,2.8rem);line-height:1.14;letter-spacing:-.022em;font-weight:680;margin:0 0 1.1rem;max-width:24em;text-wrap:balance}
h1 .name{display:inline-block;max-width:100%}
h1 em{font-style:normal;color:var(--candidate-ink);white-space:nowrap}
header .interval{font-size:1.125rem;margin-bottom:.4rem}
header .reason{color:var(--soft);max-width:46em;white-space:pre-line}
.emulated{background:var(--warn-bg);color:var(--warn-ink);border-left:4px solid var(--warn-rule);padding:.7rem 1rem;margin:1.4rem 0 0;font-size:.9375rem;max-width:54em}
section{margin-top:3.6rem;padding-top:1.5rem;border-top:1px solid var(--rule)}
h2{font-size:1.5rem;line-height:1.25;letter-spacing:-.012em;font-weight:670;margin:0 0 .7rem}
h3{font-size:1rem;font-weight:650;line-height:1.4;margin:1.8rem 0 .5rem}
.lead{max-width:46em;margin-bottom:1.4rem}
.none{color:var(--soft);max-width:46em}
figure{margin:0 0 1rem}
figcaption{font-size:.875rem;line-height:1.5;color:var(--soft);max-width:54em;margin-top:.9rem}
svg{display:block;width:100%;overflow:visible}
svg svg{display:inline}
text{font-size:13px;fill:var(--ink)}
text.tick,span.tick{font-size:12.5px;fill:var(--soft);color:var(--soft)}
.grid{stroke:var(--grid)}
.zero{stroke:var(--soft)}
.medians{margin:2.4rem 0 0}
.barrow{display:grid;grid-template-columns:minmax(7rem,11rem) 1fr 5.5rem;align-items:center;gap:1rem;margin-bottom:.5rem}
.barlabel{font-size:.9375rem;text-align:right;line-height:1.25}
.barvalue{font-size:1.125rem}
.barvalue.default{color:var(--default-ink)}
.barvalue.candidate{color:var(--candidate-ink)}
.bar.default,.mark.default{fill:var(--default)}
.bar.candidate,.mark.candidate{fill:var(--candidate)}
b.default{color:var(--default-ink)}
b.candidate{color:var(--candidate-ink)}
.whisker{stroke:var(--ink);stroke-width:1.5}
.medians figcaption{margin-left:calc(11rem + 1rem);margin-top:.3rem}
.keys{display:grid;grid-template-columns:repeat(auto-fit,minmax(10.5rem,1fr));gap:1.4rem 2rem;margin:2.4rem 0 0}
.keys div{border-top:2px solid var(--ink);padding-top:.55rem}
.keys dt{font-size:.875rem;line-height:1.35;color:var(--soft)}
.keys dd{margin:0}
.keys b{display:block;font-size:1.75rem;line-height:1.25;letter-spacing:-.015em;white-space:nowrap}
.keys span{display:block;font-size:.8125rem;line-height:1.4;color:var(--soft)}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,19rem),1fr));gap:.9rem 2rem;margin:0 0 1.6rem}
.facts dt,.commands dt{font-size:.8125rem;color:var(--soft);line-height:1.4}
.facts dd,.commands dd{margin:0}
.facts.tight{grid-template-columns:repeat(auto-fill,minmax(min(100%,8.5rem),1fr))}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.3rem 1.5rem;margin:0 0 1rem;padding:0;font-size:.9375rem}
.legend i,.arm h3 i{display:inline-block;width:11px;height:11px;margin-right:.5rem}
i.dot{border-radius:50%}
i.dia{transform:rotate(45deg) scale(.9)}
i.default{background:var(--default)}
i.candidate{background:var(--candidate)}
.legend i.box{width:15px;height:11px;border-radius:2px}
.plot.pairs{padding:.6rem 5.2rem 3rem 3.4rem}
.join{stroke:var(--soft);stroke-width:1.5;opacity:.65}
.mark{stroke:var(--bg);stroke-width:1.5}
.median{stroke-width:1.5;stroke-dasharray:5 4}
.median.default{stroke:var(--default)}
.median.candidate{stroke:var(--candidate)}
.medianlabel{font-weight:650;font-size:14px}
.medianlabel.default{fill:var(--default-ink)}
.medianlabel.candidate{fill:var(--candidate-ink)}
.void .mark{fill:var(--bg);stroke-width:2}
.void .mark.default{stroke:var(--default)}
.void .mark.candidate{stroke:var(--candidate)}
.void .join{stroke-dasharray:2 3}
.change{fill:var(--ink);font-weight:600}
.row{display:grid;grid-template-columns:minmax(9rem,17rem) 1fr 9rem;column-gap:1.4rem}
.row .label{padding:.55rem 0;line-height:1.3}
.row .label small,.row .estimate small{display:block;line-height:1.4}
.row .estimate{padding:.55rem 0;line-height:1.3;text-align:right;white-space:nowrap}
.row:not(.head):not(.axis){border-top:1px solid var(--grid)}
.row.confirmed .estimate b{color:var(--candidate-ink)}
.row.screened b{font-weight:500}
.plotcell{position:relative;display:block;min-height:1.4rem}
.plotcell>svg.interval{position:absolute;inset:0;height:100%}
.plotcell.ends{display:flex;justify-content:space-between;font-size:.8125rem;color:var(--soft)}
.interval .span{stroke:var(--default);stroke-width:3;stroke-linecap:round}
.interval .estimate{fill:var(--default-ink);stroke:var(--bg);stroke-width:1.5}
.interval .beyond{fill:var(--default)}
.interval.confirmed .span{stroke:var(--candidate);stroke-width:5}
.interval.confirmed .estimate{fill:var(--candidate-ink);transform:scale(1.35)}
.interval.confirmed .beyond{fill:var(--candidate)}
.mini{position:relative;min-width:11rem;height:1.6rem}
.mini .interval .estimate{transform:scale(.75)}
.mini svg{position:absolute;inset:0;height:100%}
.rejected{list-style:none;margin:0;padding:0}
.rejected li{border-top:1px solid var(--grid);padding:.9rem 0 .2rem}
.rejected .chip{font-size:.75rem;padding:.1rem .55rem;margin:0 0 0 .4rem;vertical-align:.1em}
.rejected small{display:block;line-height:1.45;margin-top:.2rem}
.rejected p{max-width:54em;margin-bottom:.5rem}
.panels{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,19rem),1fr));gap:1.8rem 2.4rem}
.panel h3{margin:0}
.panel p{font-size:.875rem;color:var(--soft);margin:0 0 .6rem}
.panel svg{margin-right:1rem;width:calc(100% - 1rem)}
.timeline .arm{margin-bottom:1.3rem}
.arm h3{margin:0 0 .5rem}
.arm h3 span{font-weight:400;color:var(--soft);margin-left:.5rem}
.lanerow{display:grid;grid-template-columns:3.6rem 1fr;align-items:center;margin-bottom:3px}
.lanerow>.tick{line-height:1;white-space:nowrap;max-height:100%}
.lanerow.axis{margin-top:-.6rem}
.lane .grid{stroke:var(--bg);opacity:.55}
.idle{fill:var(--idle)}
.unrecorded{stroke:var(--soft);stroke-dasharray:1 5}
.done{stroke:var(--ink);stroke-width:2}
i.e0{background:var(--e0)}i.e1{background:var(--e1)}i.e2{background:var(--e2)}i.e3{background:var(--e3)}i.e4{background:var(--e4)}i.e5{background:var(--e5)}i.e6{background:var(--e6)}i.e7{background:var(--e7)}
.scroll{overflow-x:auto;margin:0 0 1rem}
table{border-collapse:collapse;width:100%;font-size:.9375rem;line-height:1.4}
caption{text-align:left;font-size:.8125rem;color:var(--soft);padding-bottom:.5rem}
th,td{padding:.45rem .9rem .45rem 0;border-top:1px solid var(--grid);vertical-align:top;overflow-wrap:break-word;min-width:4.5rem}
thead th{border-top:0;border-bottom:1.5px solid var(--ink);font-size:.8125rem;font-weight:600;vertical-align:bottom;color:var(--soft)}
tbody tr:first-child>*{border-top:0}
tbody th{font-weight:600}
.t{text-align:left}
.n{text-align:right;white-space:nowrap}
th.n{white-space:normal}
tr>:last-child{padding-right:0}
.n+.t{padding-left:1.4rem}
td small,th small{display:block}
b.better{color:var(--good)}b.worse{color:var(--candidate-ink)}b.unclear{font-weight:500}
details{margin-top:.8rem;font-size:.9375rem}
summary{cursor:pointer;color:var(--soft);font-size:.875rem}
details>.scroll{margin-top:.8rem}
.commands{margin:0}
.commands div{margin-bottom:1rem}
pre{background:var(--code);border-radius:6px;padding:.7rem .9rem;margin:.25rem 0 0;white-space:pre;overflow-x:auto}
td .given{display:block;min-width:15rem}
footer{margin-top:3.6rem;border-top:1px solid var(--rule);padding-top:1rem;font-size:.8125rem;color:var(--soft)}
@media (max-width:640px){
body{font-size:16px}
main{padding:1.6rem 1.1rem 2.5rem}
.eyebrow{margin-bottom:1.4rem}
.wide{display:none}
section{margin-top:2.6rem}
.barrow{grid-template-columns:1fr auto;gap:.1rem .8rem}
.barlabel{text-align:left}
.bartrack{grid-row:2;grid-column:1/3}
.medians figcaption{margin-left:0}
.keys{grid-template-columns:1fr 1fr}
.keys b{font-size:1.4rem}
.plot.pairs{padding:.4rem 3.9rem 2rem 2.4rem}
.row{grid-template-columns:1fr auto}
.row>.plotcell{grid-row:2;grid-column:1/3;min-height:1.7rem}
.row.head>.plotcell,.row.axis>.plotcell{grid-row:1}
.row .label{padding:.5rem 0 0}
.row .estimate{padding:.5rem 0 0}
.lanerow{grid-template-columns:1fr}
.lanerow>.tick:not(:empty){margin:.2rem 0}
}
@media print{
body{font-size:10.5pt}
main{max-width:none;padding:0}
section{margin-top:1.6rem}
:root{--bg:#fff}
.medians,.plot,.forest,.timeline,.panel,tr,.rejected li,.facts div,.commands div{break-inside:avoid}
.keys{grid-template-columns:repeat(4,1fr)}
.keys b{font-size:1.3rem}
details{display:none}
pre{white-space:pre-wrap}
h2,h3{break-after:avoid}
.scroll{overflow:visible}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}
}
`;

export const style = html`${palette}${rules}`;
