// Charts of the last minutes: which there are, and the samples that they draw.

import { Panel } from "./panel.js";

const kept = 900; // seconds
const gap = 3; // seconds without a sample that break a line

// Each series is a field of a sample, what its figure counts, and a color.
const requests = { title: "Traffic", layer: 7, series: [
  { field: "requests", label: "requests/s", color: "--blue", fill: true },
  { field: "errors", label: "errors/s", color: "--red" },
] };
const times = { title: "Response time", layer: 7, log: true, series: [
  { field: "p50", label: "ms p50", color: "--blue" },
  { field: "p99", label: "ms p99", color: "--violet" },
] };
const connections = { title: "Traffic", layer: 4, series: [
  { field: "requests", label: "connections/s", color: "--blue", fill: true },
  { field: "errors", label: "reset/s", color: "--red" },
] };
const open = { title: "Open connections", layer: 4, counts: true, series: [
  { field: "inFlight", label: "open", color: "--violet", stepped: true },
] };
const underWay = { title: "Requests under way", layer: 7, counts: true, series: [
  { field: "inFlight", label: "under way", color: "--violet", stepped: true },
] };
const instances = { title: "Instances", counts: true, series: [
  { field: "healthy", label: "healthy", color: "--green", stepped: true, fill: true },
  { field: "inService", label: "in service", color: "--amber", stepped: true },
  { field: "desired", label: "desired", color: "--text", stepped: true, dash: [4, 4] },
] };
const processor = { title: "Processor, average of a period", least: 100, series: [
  { field: "cpu", label: "% of a core", color: "--amber", fill: true },
] };

// In the order of the dashboards of the clouds: traffic with errors, latency,
// healthy against desired, saturation.
const charts = [requests, times, connections, open, instances, processor, underWay];

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
