// Charts of the last minutes. They share the time under the pointer.

import uPlot from "../vendor/uPlot.esm.js";
import { attribute, clone, fill, find } from "./dom.js";
import { clock, figure } from "./format.js";

const kept = 900; // seconds
const gap = 3; // seconds without a sample that break a line
const height = 132; // pixels

const line = (field, label, color, more) => ({ field, label, color, ...more });
const whole = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]; // steps of an axis that counts

const charts = [
  { title: "Traffic", series: [
    line("requests", "requests/s", "--blue", { fill: true }), line("errors", "errors/s", "--red")], layer: 7 },
  { title: "Traffic", series: [
    line("requests", "connections/s", "--blue", { fill: true }), line("errors", "reset/s", "--red")], layer: 4 },
  { title: "Response time", layer: 7, log: true, series: [line("p50", "ms p50", "--blue"), line("p99", "ms p99", "--violet")] },
  { title: "Open connections", layer: 4, counts: true, series: [line("inFlight", "open", "--violet", { stepped: true })] },
  { title: "Instances", counts: true, series: [
    line("healthy", "healthy", "--green", { stepped: true, fill: true }), line("inService", "in service", "--amber", { stepped: true }),
    line("desired", "desired", "--text", { stepped: true, dash: [4, 4] })] },
  { title: "Processor, average of a period", least: 100, series: [line("cpu", "% of a core", "--amber", { fill: true })] },
];

export class Charts {
  constructor(root, picker) {
    Object.assign(this, { root, picker, samples: [], shown: 7, panels: [] });
    picker.addEventListener("change", () => this.draw());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.build());
    new ResizeObserver(() => this.panels.forEach((p) => p.resize())).observe(root);
    this.build();
  }

  /** The layer of the balancer decides what can be counted: requests at 7, connections at 4. */
  layer(n) {
    if (n === this.shown) return;
    this.shown = n;
    this.build();
  }

  build() {
    this.panels.forEach((p) => p.plot.destroy());
    this.panels = charts.filter((c) => !c.layer || c.layer === this.shown).map((c) => new Panel(c));
    this.root.replaceChildren(...this.panels.map((p) => p.node));
    this.panels.forEach((p) => p.resize());
    this.draw();
  }

  clear() {
    this.samples = [];
  }

  add(samples) {
    for (const s of samples) {
      const last = this.samples.at(-1);
      if (last && s.time - last.time > gap) this.samples.push({ time: last.time + 1 });
      this.samples.push(s);
    }
    this.samples = this.samples.slice(-kept);
    this.draw();
  }

  draw() {
    const end = this.samples.at(-1)?.time ?? Math.floor(Date.now() / 1000);
    const begin = end - Number(this.picker.value);
    const seen = this.samples.filter((s) => s.time >= begin);
    this.panels.forEach((p) => p.draw(seen, begin, end));
  }
}

/** One chart and its legend, which shows the latest figures or those under the pointer. */
class Panel {
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
    const { log, counts, least } = this.chart;
    const axis = { stroke: color("--muted"), font: "11px system-ui", grid: { stroke: color("--line"), width: 1 }, ticks: { show: false } };
    return {
      width: 280, height, padding: [8, 6, 0, 0], legend: { show: false },
      cursor: { sync: { key: "time" }, drag: { x: false, y: false }, points: { size: 6 } },
      scales: { x: { time: true, range: () => this.range }, y: log ? { distr: 3, range: decades } : { range: (_, __, high) => [0, Math.max(least ?? 1, (high || 0) * 1.15)] } },
      axes: [
        { ...axis, space: 70, size: 24, values: (_, splits) => splits.map((t) => clock(t * 1000).replace(/:00$/, "")) },
        { ...axis, space: 28, size: 36, gap: 4, ...(counts && { incrs: whole }), ...(log && { splits: powers }), values: (_, splits) => splits.map((v) => (v == null ? "" : figure(v))) },
      ],
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

/** Whole powers of ten around what is shown: small and large times are both to be seen. */
const decades = (_, low, high) => [10 ** Math.floor(Math.log10(low || 1)), 10 ** Math.ceil(Math.log10(Math.max(high || 10, (low || 1) * 1.01)))];

const powers = (_, __, low, high) => {
  const [first, last] = [Math.round(Math.log10(low)), Math.round(Math.log10(high))];
  return Array.from({ length: last - first + 1 }, (___, n) => 10 ** (first + n));
};

const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function stroke(series) {
  const drawn = color(series.color);
  return {
    stroke: drawn, width: 1.75, dash: series.dash, points: { show: false },
    fill: series.fill ? `${drawn}24` : undefined, // the colors have six digits; two more are the opacity
    paths: series.stepped ? uPlot.paths.stepped({ align: -1 }) : undefined,
  };
}
