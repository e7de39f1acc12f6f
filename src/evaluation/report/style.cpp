#include "evaluation/report/style.hpp"

namespace clef {

std::string_view report_style() {
    return R"(:root {
  --paper: #fdfdfc; --ink: #1b1e23; --muted: #5c636d; --line: #d9dce0; --wash: #eef3f8;
  --series-0: #0072b2; --series-1: #d55e00; --series-2: #00875f; --series-3: #b0568a;
  --series-4: #8a6d00; --series-5: #4a4f57;
  --ecg-paper: #fffafa; --grid-fine: #f6dada; --grid-coarse: #e6acac; --trace: #14161a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15181d; --ink: #e7e9ec; --muted: #a2a9b3; --line: #363c45; --wash: #1f2731;
    --series-0: #56b4e9; --series-1: #f28e4c; --series-2: #3ec49a; --series-3: #dd9cc2;
    --series-4: #e0c341; --series-5: #b8bec7;
    --ecg-paper: #1b1517; --grid-fine: #372628; --grid-coarse: #5e3c40; --trace: #f1f1f1;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .75rem; }
h2 { font-size: 1.3rem; line-height: 1.3; margin: 3rem 0 .75rem; padding-top: .9rem;
  border-top: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 1.75rem 0 .5rem; }
p { margin: .6rem 0; max-width: 46rem; }
.lead { font-size: 1.12rem; color: var(--muted); }
.remark, figcaption, caption, footer { font-size: .87rem; color: var(--muted); }
nav ul { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin: 1rem 0 0; padding: 0;
  list-style: none; font-size: .95rem; }
a { color: var(--series-0); }
.table { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-size: .92rem; min-width: 50%; }
caption { text-align: left; padding-bottom: .4rem; }
th, td { padding: .38rem .8rem; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--line); }
th:first-child, td:first-child { padding-left: .4rem; min-width: 9rem; }
th { font-weight: 600; color: var(--muted); vertical-align: bottom;
  border-bottom: 2px solid var(--line); }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
th.number { white-space: normal; min-width: 5.5rem; }
.highlighted td { background: var(--wash); font-weight: 600; }
figure { margin: 1.25rem 0; max-width: 42rem; }
figure.wide { max-width: none; }
.drawing { overflow-x: auto; }
svg { display: block; width: 100%; height: auto; }
.wide svg { min-width: 44rem; }
figcaption { margin-top: .4rem; }
details { margin: 1rem 0; }
summary { cursor: pointer; font-weight: 600; }
footer { margin-top: 3.5rem; padding-top: .8rem; border-top: 1px solid var(--line);
  overflow-wrap: anywhere; }
svg text { font-family: inherit; fill: var(--ink); }
svg .tick { fill: var(--muted); font-size: 12px; }
svg .label { font-size: 13px; }
svg .axis { stroke: var(--muted); stroke-width: 1; fill: none; }
svg .rule { stroke: var(--line); stroke-width: 1; fill: none; }
svg .reference { stroke: var(--muted); stroke-width: 1; stroke-dasharray: 4 3; fill: none; }
svg .curve { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
svg .point { stroke: var(--ink); stroke-opacity: .35; stroke-width: .5; }
svg .ecg-paper { fill: var(--ecg-paper); }
svg .ecg-fine { stroke: var(--grid-fine); stroke-width: .12; fill: none; }
svg .ecg-coarse { stroke: var(--grid-coarse); stroke-width: .22; fill: none; }
svg .ecg-trace { stroke: var(--trace); stroke-width: .3; fill: none; stroke-linejoin: round; }
svg .ecg-text { fill: var(--trace); font-size: 3.6px; }
@media print { .table, .drawing { overflow: visible; } .wide svg { min-width: 0; } }
)";
}

}  // namespace clef
