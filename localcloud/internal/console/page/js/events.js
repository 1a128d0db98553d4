// The event log: the latest first, filtered by kind and text.

import { clone, fill, find } from "./dom.js";
import { clock } from "./format.js";

const kept = 1000; // events
const drawn = 200; // of them at a time

export class EventLog {
  constructor(list, kind, words) {
    Object.assign(this, { list, kind, words, events: [] });
    kind.addEventListener("change", () => this.draw());
    words.addEventListener("input", () => this.draw());
  }

  clear() {
    this.events = [];
    this.list.replaceChildren();
  }

  add(events) {
    if (events.length === 0) return;
    this.events = this.events.concat(events).slice(-kept);
    this.offerKinds();
    const rows = events.filter((e) => this.wanted(e)).slice(-drawn).reverse().map(row);
    this.list.prepend(...rows);
    while (this.list.children.length > drawn) this.list.lastElementChild.remove();
  }

  draw() {
    const wanted = this.events.filter((e) => this.wanted(e)).slice(-drawn).reverse();
    this.list.replaceChildren(...wanted.map(row));
  }

  wanted(event) {
    if (this.kind.value && event.kind !== this.kind.value) return false;
    const words = this.words.value.trim().toLowerCase();
    return !words || `${event.kind} ${event.id ?? ""} ${event.message}`.toLowerCase().includes(words);
  }

  offerKinds() {
    const have = new Set([...this.kind.options].map((o) => o.value));
    for (const { kind } of this.events) {
      if (!have.has(kind)) this.kind.append(new Option(kind, kind));
      have.add(kind);
    }
  }
}

function row(event) {
  const node = clone("event");
  const time = find("time", node);
  time.dateTime = event.time;
  time.textContent = clock(event.time);
  node.dataset.kind = event.kind;
  fill(node, { kind: event.kind, id: shortId(event.id), message: event.message });
  find('[data-text="id"]', node).title = event.id ?? "";
  return node;
}

/** The name at the end of a path-like id, which is what people know a thing by. */
const shortId = (id) => id?.split("/").pop();
