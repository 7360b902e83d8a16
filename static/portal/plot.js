/* Numberdesk: charts. An element with data-plot="id" draws the JSON script of that id:
   {"x": [seconds], "series": [{"label": "In service", "values": [1, 2], "tone": "ok"}], "kind": "line", "by": "day", "zone": "America/Chicago"}
   `zone` is that of the person, not of his machine; without it days are those of UTC.
   `kind` line or bars; without JavaScript the table or figures beside it tell the same. */
(function () {
  "use strict";
  const tones = ["info", "ok", "warn", "bad", "muted"];

  /* light-dark() is resolved by the browser only inside a colour, so one is asked from an element. */
  function ink(el, tone) {
    const probe = document.createElement("i");
    probe.className = `nd-${tone}`;
    el.append(probe);
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  }

  /* A value between two gaps has no line; where one stands alone, all are marked. */
  function standsAlone(values) {
    return values.some((value, at) => value != null && values[at - 1] == null && values[at + 1] == null);
  }

  function draw(el) {
    const source = document.getElementById(el.dataset.plot);
    if (!source || el.ndChart) return;
    const { x, series, kind, by, zone } = JSON.parse(source.textContent);
    const quiet = ink(el, "quiet");
    const axis = { stroke: quiet, grid: { stroke: ink(el, "line"), width: 1 }, ticks: { show: false }, font: "11px system-ui, sans-serif" };
    const paths = kind === "bars" ? window.uPlot.paths.bars({ size: [0.7, 40] }) : undefined;
    const local = (at) => window.uPlot.tzDate(new Date(at * 1000), zone || "Etc/UTC");
    const write = window.uPlot.fmtDate(by === "hour" ? "{HH}:{mm}" : "{MMM} {D}");
    const marks = (_, places) => places.map((at) => write(local(at))).map((text, place, texts) => (text === texts[place - 1] ? "" : text));
    const size = () => ({ width: el.clientWidth, height: Number(el.dataset.height) || 190 });
    el.ndChart = new window.uPlot({
      ...size(),
      tzDate: local,
      cursor: { points: { size: 6 } },
      scales: { y: { range: (_, low, high) => [Math.min(low, 0), Math.max(high, 1) * 1.05] } },
      axes: [{ ...axis, values: marks }, { ...axis, size: 55 }],
      series: [{ value: by === "hour" ? "{HH}:{mm}" : "{YYYY}-{MM}-{DD}" }].concat(series.map((one, place) => {
        const stroke = ink(el, one.tone || tones[place % tones.length]);
        return { label: one.label, stroke, width: 1.75, paths, fill: kind === "bars" ? stroke : undefined, points: { show: standsAlone(one.values), size: 5, fill: stroke } };
      })),
    }, [x, ...series.map((one) => one.values)], el);
    new ResizeObserver(() => el.ndChart.setSize(size())).observe(el);
  }

  window.ndPlot = draw;
  new MutationObserver(() => document.querySelectorAll("[data-plot]").forEach((el) => {
    if (el.ndChart) { el.ndChart.destroy(); el.ndChart = null; draw(el); }
  })).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
})();
