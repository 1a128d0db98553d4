// One chart and its legend.

import uPlot from "../vendor/uPlot.esm.js";
import { attribute, clone, fill, find } from "./dom.js";
import { clock, figure, short } from "./format.js";

const height = 132; // pixels
const whole = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]; // steps of an axis that counts

/** Panel draws one chart. Its legend shows the latest figures, or those under the pointer. */
export class Panel {
  constructor(chart) {
    Object.assign(this, { chart, node: clone("chart"), range: [0, 1], columns: [] });
    this.place = find(".plot", this.node);
    fill(this.node, { row: chart.row, title: chart.title, why: chart.why });
    this.place.hidden = Boolean(chart.why);
    if (chart.why) return;
    this.entries = chart.series.map((s) => {
      const entry = clone("series");
      find("i", entry).style.background = color(s.color);
      fill(entry, { label: s.label });
      return entry;
    });
    find(".legend", this.node).append(...this.entries);
    this.plot = new uPlot(this.options(), [[], ...chart.series.map(() => [])], this.place);
  }

  options() {
    return {
      width: 280, height, padding: [8, 6, 0, 0], legend: { show: false },
      cursor: { sync: { key: "time" }, drag: { x: false, y: false }, points: { size: 6 } },
      scales: { x: { time: true, range: () => this.range }, y: scale(this.chart) },
      axes: [timeAxis(), valueAxis(this.chart)],
      series: [{}, ...this.chart.series.map(stroke)],
      bands: this.chart.stacked ? this.chart.series.slice(1).map((_, n) => ({ series: [n + 2, n + 1] })) : [],
      hooks: { setCursor: [() => this.tell()] },
    };
  }

  draw(samples, begin, end) {
    if (!this.plot) return;
    this.range = [begin, end];
    this.columns = this.chart.series.map((series) => samples.map((s) => series.of(s) ?? null));
    this.plot.setData([samples.map((s) => s.time), ...(this.chart.stacked ? stack(this.columns) : this.columns)]);
    this.tell();
    attribute(this.place, "aria-label", `${this.chart.row}, ${this.chart.title}: ${this.entries.map((e) => e.textContent.trim()).join(", ")}`);
  }

  tell() {
    if (!this.plot) return;
    const at = this.plot.cursor.idx ?? this.plot.data[0].length - 1;
    this.entries.forEach((entry, n) => fill(entry, { value: this.said(this.columns[n]?.[at]) }));
  }

  said(value) {
    const { names } = this.chart;
    return names && value != null ? names[value] : figure(value);
  }

  resize() {
    const width = this.place.clientWidth;
    if (this.plot && width > 0 && width !== this.plot.width) this.plot.setSize({ width, height });
  }

  destroy() {
    this.plot?.destroy();
  }
}

/** Each column on top of those before it. */
function stack(columns) {
  let below = columns[0]?.map(() => 0) ?? [];
  return columns.map((column) => {
    below = column.map((v, n) => (v == null || below[n] == null ? null : below[n] + v));
    return below;
  });
}

const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function stroke(series) {
  const drawn = color(series.color);
  return {
    stroke: drawn, width: series.width ?? 1.75, dash: series.dash, points: { show: false },
    fill: series.fill ? `${drawn}24` : undefined, // the colors have six digits; two more are the opacity
    paths: series.stepped ? uPlot.paths.stepped({ align: -1 }) : undefined,
  };
}

const axis = () => ({
  stroke: color("--muted"), font: "11px system-ui", grid: { stroke: color("--line"), width: 1 }, ticks: { show: false },
});

const timeAxis = () => ({
  ...axis(), space: 70, size: 24,
  values: (_, splits) => splits.map((t) => clock(t * 1000).replace(/:00$/, "")),
});

const valueAxis = ({ log, counts, names }) => ({
  ...axis(), space: 28, size: 36, gap: 4,
  ...(counts && { incrs: whole }),
  ...(names && { splits: () => names.map((_, n) => n) }),
  ...(log && { splits: (_, __, low, high) => powers(low, high) }),
  values: (_, splits) => splits.map((v) => (v == null ? "" : names ? names[v] : short(v))),
});

/** From 0 to a little above the highest, or by powers of ten, where small and large are both to be seen, or a line for each name. */
function scale({ log, names, least = 1 }) {
  if (names) return { range: [-0.5, names.length - 0.5] };
  if (!log) return { range: (_, __, high) => [0, Math.max(least, (high ?? 0) * 1.15)] };
  return { distr: 3, range: (_, low, high) => around(low || 1, high || 10) };
}

/** The powers of ten around two figures, which are never the same. */
const around = (low, high) => [10 ** Math.floor(Math.log10(low)), 10 ** Math.ceil(Math.log10(Math.max(high, low * 1.01)))];

function powers(low, high) {
  const [first, last] = [low, high].map((v) => Math.round(Math.log10(v)));
  return Array.from({ length: last - first + 1 }, (_, n) => 10 ** (first + n));
}
