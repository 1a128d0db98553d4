// Faults: those in force with a button that ends each, and the dialog that begins one.

import * as api from "./api.js";
import { attribute, clone, fill, find, keyed, text } from "./dom.js";
import { span } from "./format.js";

/** What is in force against a target, in words; empty for nothing. */
export const faultsOf = (world, target) =>
  world.faults.filter((f) => f.target === target).map((f) => `${f.kind} is in force`).join(", ");

export function showFaults(world, refresh) {
  const list = find("#faults");
  find("#no-faults").hidden = world.faults.length > 0;
  const make = (fault) => {
    const node = clone("fault");
    const button = find("button", node);
    attribute(button, "aria-label", `Revert ${fault.kind} of ${fault.target}`);
    button.addEventListener("click", () => end(node, button, world.stack, fault.id, refresh));
    return node;
  };
  keyed(list, world.faults, (f) => `${world.stack}/${f.id}`, make, showFault);
}

function showFault(node, fault) {
  const [began, until] = [Date.parse(fault.began), Date.parse(fault.until)];
  const left = Math.max(0, until - Date.now());
  fill(node, { kind: fault.kind, target: fault.target, left: `${span(left / 1000)} left` });
  find("progress", node).value = until > began ? left / (until - began) : 0;
}

async function end(node, button, stack, id, refresh) {
  button.disabled = true;
  try {
    await api.revert(stack, id);
  } catch (err) {
    fill(node, { left: err.message });
  }
  button.disabled = false;
  refresh();
}

/** Breaker is the dialog in which a fault is chosen for a target. */
export class Breaker {
  constructor(dialog, refresh) {
    Object.assign(this, { dialog, refresh });
    find("#break-close").addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  }

  /** Makes a button open the dialog for a target of a kind: instance, zone or database. */
  opens(button, kind, target, about) {
    attribute(button, "aria-label", `Break ${about}`);
    attribute(button, "aria-haspopup", "dialog");
    button.addEventListener("click", () => this.open(kind, target, about));
  }

  async open(targetKind, target, about) {
    text(find("#break-title"), `Break ${about}`);
    text(find("#break-error"), "");
    const list = find("#break-kinds");
    list.replaceChildren();
    this.dialog.showModal();
    try {
      this.kinds ??= await api.faultKinds();
    } catch (err) {
      text(find("#break-error"), err.message);
      return;
    }
    const kinds = this.kinds.filter((k) => k.target === targetKind);
    list.replaceChildren(...kinds.map((k) => this.choice(k, target)));
    if (kinds.length === 0) text(find("#break-error"), `There is no fault of a ${targetKind}.`);
    find("#break-for").focus(); // not on a fault, which a key pressed twice would begin
  }

  choice(kind, target) {
    const node = clone("kind");
    fill(node, { name: kind.name, about: kind.about + (kind.lasts ? "" : ". It happens once"), action: kind.action });
    find("button", node).addEventListener("click", () => this.begin(kind, target));
    return node;
  }

  async begin(kind, target) {
    const stack = find("#stack").value;
    try {
      await api.inject(stack, kind.name, target, kind.lasts ? Number(find("#break-for").value) : 0);
      this.dialog.close();
      this.refresh();
    } catch (err) {
      text(find("#break-error"), err.message);
    }
  }
}
