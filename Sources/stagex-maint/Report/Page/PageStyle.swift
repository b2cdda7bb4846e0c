/// How pages look. The contrast of every pair of colours is measured by a test (Tests/CommandTests/PageTests.swift).
enum PageStyle {
  static let text = """
    :root{color-scheme:light dark;--paper:#fff;--ink:#1b1f24;--soft:#535b65;--line:#c9ced6;--card:#f4f6f8;\
    --link:#0b57b0;
    --good:#0f6b3a;--one:#8a5a00;--bad:#b3211b;--heat:11,87,176}
    @media (prefers-color-scheme:dark){:root{--paper:#14171b;--ink:#e8eaed;--soft:#b0b7c1;--line:#414852;--card:#1e2329;
    --link:#8ab8ff;--good:#62cf94;--one:#e3b341;--bad:#ff8d85;--heat:138,184,255}}
    *{box-sizing:border-box}
    html{-webkit-text-size-adjust:100%;text-size-adjust:100%;scroll-padding-top:1rem}
    body{margin:0 auto;padding:1rem clamp(.75rem,3vw,2.5rem) 3rem;max-width:88rem;\
    background:var(--paper);color:var(--ink);
    font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif;overflow-wrap:anywhere}
    a{color:var(--link)}
    a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:3px solid var(--link);outline-offset:2px}
    .skip{position:absolute;left:-999rem}
    .skip:focus{position:static}
    h1{font-size:clamp(1.3rem,1rem + 1.6vw,2rem);line-height:1.25;margin:.5rem 0 .75rem}
    h2{font-size:1.25rem;margin:2.5rem 0 .5rem;padding-top:.5rem;border-top:1px solid var(--line)}
    h3{font-size:1.05rem;margin:1.5rem 0 .25rem}
    .word{display:inline-block;padding:0 .5em;border:2px solid currentcolor;border-radius:.3em}
    .accepted,.good strong{color:var(--good)}.refused,.bad strong{color:var(--bad)}\
    .undecided,.doubtful strong{color:var(--one)}
    .answer{font-size:1.15rem;max-width:60rem;margin:.25rem 0 1rem}
    .tiles,nav ul{list-style:none;margin:0;padding:0;display:flex;flex-wrap:wrap;gap:.75rem}
    .tiles li{flex:1 1 9rem;max-width:20rem;background:var(--card);border:1px solid var(--line);border-radius:.4rem}
    .tiles li>*{display:block;padding:.6rem .8rem;height:100%;color:inherit;text-decoration:none}
    .tiles a:hover span{text-decoration:underline}
    .tiles strong{display:block;white-space:nowrap;\
    font-size:clamp(1.25rem,1rem + 1.5vw,1.7rem);line-height:1.2;font-variant-numeric:tabular-nums}
    .tiles span{color:var(--soft)}
    nav{margin-top:1.25rem}
    nav ul{gap:.25rem 1.25rem}
    .note{color:var(--soft);max-width:60rem}
    code{font:.92em/1.4 ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace}
    pre{margin:.25rem 0;padding:.5rem .75rem;background:var(--card);border:1px solid var(--line);\
    border-radius:.3rem;white-space:pre-wrap}
    .scroll{overflow-x:auto;max-width:100%;margin:.5rem 0}
    table{border-collapse:collapse;width:100%}
    caption{text-align:left;color:var(--soft);padding:.25rem 0}
    th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid var(--line);\
    font-weight:400;min-width:3.5rem}
    thead th{font-weight:600;vertical-align:bottom;overflow-wrap:normal}
    td code,th code{overflow-wrap:normal}
    .day{white-space:nowrap}
    .period{display:inline-block;min-width:7rem;overflow-wrap:normal}
    td .bar{min-width:8rem;margin:0}
    .number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap;min-width:0}
    tr:target,section:target>h2,details :target{background:var(--card);outline:2px solid var(--link)}
    .matrix td,.matrix thead th{min-width:2.6rem;text-align:right;font-variant-numeric:tabular-nums}
    .matrix th[scope=row]{min-width:9rem}
    .matrix td a{color:inherit}
    .matrix .self{color:var(--soft)}
    details{margin:.5rem 0}
    summary{cursor:pointer;padding:.2rem 0}
    figure{margin:1rem 0}
    figcaption{color:var(--soft)}
    .chart{display:grid;grid-template-columns:auto 1fr;grid-template-rows:auto auto;gap:.15rem .4rem;max-width:72rem}
    .chart svg{width:100%;height:12rem;display:block;border-bottom:1px solid var(--soft);\
    border-left:1px solid var(--line)}
    .chart .y{display:flex;flex-direction:column;justify-content:space-between;text-align:right;font-variant-numeric:tabular-nums;color:var(--soft)}
    .chart .x{grid-column:2;display:flex;justify-content:space-between;gap:1rem;color:var(--soft);font-variant-numeric:tabular-nums}
    .bar{display:block;width:100%;height:1.6rem;margin:.5rem 0}
    .s0{fill:url(#p0)}.s1{fill:url(#p1)}.s2,.p2{fill:var(--good)}.p1{fill:var(--one)}.p0{fill:var(--bad)}
    .hatch{stroke:var(--paper);stroke-width:1.2;fill:none}
    .patterns{position:absolute;width:0;height:0}
    .key{list-style:none;display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;padding:0;margin:.4rem 0}
    .key svg{width:1.1rem;height:1.1rem;vertical-align:-.15rem;margin-right:.4rem}
    .finding{margin:0 0 1rem;padding-left:.75rem;border-left:.25rem solid var(--line)}
    .finding.error{border-left-color:var(--bad)}.finding.warning{border-left-color:var(--one)}
    .findings{list-style:none;padding:0}
    footer{margin-top:3rem;border-top:1px solid var(--line);color:var(--soft);font-size:.9rem}
    @media print{:root{--paper:#fff;--ink:#000;--soft:#444;--line:#999;--card:#fff;--link:#000;--good:#0f6b3a;--one:#8a5a00;--bad:#b3211b;--heat:0,0,0}
    body{max-width:none;padding:0}th,td,.period,.bar{min-width:0!important}th,td{padding:.2rem .3rem}\
    table{font-size:.9rem}nav,.skip{display:none}.scroll{overflow:visible}.behind{display:none}
    details::details-content{content-visibility:visible;block-size:auto}
    h2{break-after:avoid}tr,.finding,figure,.tiles li{break-inside:avoid}thead{display:table-header-group}
    svg,.word{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
    @media (forced-colors:active){svg{forced-color-adjust:none}}
    """
}
