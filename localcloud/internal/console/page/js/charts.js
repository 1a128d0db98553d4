// Charts of the last minutes: the samples that they draw, and for how long back.

import { Panel } from "./panel.js";
import { chartsOf } from "./rows.js";

const kept = 900; // seconds
const gap = 3; // seconds without a sample that break a line

export class Charts {
  constructor(root, picker) {
    Object.assign(this, { root, picker, samples: [], shown: { layer: 7, zones: [], databases: [] }, panels: [] });
    picker.addEventListener("change", () => this.draw());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.build());
    new ResizeObserver(() => this.panels.forEach((p) => p.resize())).observe(root);
  }

  /** What there is to draw of a world. Its charts are made anew when that is another. */
  show(world) {
    const shown = {
      layer: world.balancers.some((b) => b.layer === 7) ? 7 : 4,
      zones: world.zones.map((z) => z.name),
      databases: world.databases.map((d) => d.name),
    };
    if (this.panels.length > 0 && JSON.stringify(shown) === JSON.stringify(this.shown)) return;
    this.shown = shown;
    this.build();
  }

  build() {
    this.panels.forEach((p) => p.destroy());
    this.panels = chartsOf(this.shown).map((c) => new Panel(c));
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
