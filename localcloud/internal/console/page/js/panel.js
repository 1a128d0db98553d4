// One chart and its legend.

import uPlot from "../vendor/uPlot.esm.js";
import { attribute, clone, fill, find } from "./dom.js";
import { clock, figure, short } from "./format.js";

const height = 132; // pixels
const whole = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]; // steps of an axis that counts

/** Panel draws one chart. Its legend shows the latest figures, or those under the pointer. */
export class Panel {
  constructor(chart) {
    Object.assign(this, { chart, node: clone("chart"), range: [0, 1] });
    fill(this.node, { title: chart.title });
    this.entries = chart.series.map((s) => {
      const entry = clone("series");
      find("i", entry).style.background = color(s.color);
      fill(entry, { label: s.label });
      return entry;
    });
    find(".legend", this.node).append(...this.entries);
    this.plot = new uPlot(this.options(), [[], ...chart.series.map(() => [])], find(".plot", this.node));
  }

  options() {
    return {
      width: 280, height, padding: [8, 6, 0, 0], legend: { show: false },
      cursor: { sync: { key: "time" }, drag: { x: false, y: false }, points: { size: 6 } },
      scales: { x: { time: true, range: () => this.range }, y: scale(this.chart) },
      axes: [timeAxis(), valueAxis(this.chart)],
      series: [{}, ...this.chart.series.map(stroke)],
      hooks: { setCursor: [() => this.tell()] },
    };
  }

  draw(samples, begin, end) {
    this.range = [begin, end];
    const columns = this.chart.series.map((s) => samples.map((sample) => sample[s.field] ?? null));
    this.plot.setData([samples.map((s) => s.time), ...columns]);
    this.tell();
    attribute(find(".plot", this.node), "aria-label", `${this.chart.title}: ${this.entries.map((e) => e.textContent.trim()).join(", ")}`);
  }

  tell() {
    const data = this.plot?.data;
    if (!data) return;
    const at = this.plot.cursor.idx ?? data[0].length - 1;
    this.entries.forEach((entry, n) => fill(entry, { value: figure(data[n + 1][at]) }));
  }

  resize() {
    const width = find(".plot", this.node).clientWidth;
    if (width > 0 && width !== this.plot.width) this.plot.setSize({ width, height });
  }
}

const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function stroke(series) {
  const drawn = color(series.color);
  return {
    stroke: drawn, width: 1.75, dash: series.dash, points: { show: false },
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

const valueAxis = ({ log, counts }) => ({
  ...axis(), space: 28, size: 36, gap: 4,
  ...(counts && { incrs: whole }),
  ...(log && { splits: (_, __, low, high) => powers(low, high) }),
  values: (_, splits) => splits.map((v) => (v == null ? "" : short(v))),
});

/** From 0 to a little above the highest, or by powers of ten, where small and large are both to be seen. */
function scale({ log, least = 1 }) {
  if (!log) return { range: (_, __, high) => [0, Math.max(least, (high ?? 0) * 1.15)] };
  return { distr: 3, range: (_, low, high) => around(low || 1, high || 10) };
}

/** The powers of ten around two figures, which are never the same. */
const around = (low, high) => [10 ** Math.floor(Math.log10(low)), 10 ** Math.ceil(Math.log10(Math.max(high, low * 1.01)))];

function powers(low, high) {
  const [first, last] = [low, high].map((v) => Math.round(Math.log10(v)));
  return Array.from({ length: last - first + 1 }, (_, n) => 10 ** (first + n));
}
