// What the parts of the page need to bring the document to what is so, without
// touching what has not changed: the focus and the scroll position stay.

export const find = (selector, root = document) => root.querySelector(selector);

/** A new node from the template of that name. */
export const clone = (name) => find(`#t-${name}`).content.firstElementChild.cloneNode(true);

export function text(node, value) {
  const said = String(value ?? "");
  if (node.textContent !== said) node.textContent = said;
}

/** Sets the texts of a node's parts by their data-text names. An empty part is hidden. */
export function fill(node, texts) {
  for (const [name, value] of Object.entries(texts)) {
    const part = find(`[data-text="${name}"]`, node);
    text(part, value);
    part.hidden = part.textContent === "";
  }
}

export function attribute(node, name, value) {
  if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
}

/** Makes a parent's children those of the items: kept by their key, in the order of the items. */
export function keyed(parent, items, keyOf, make, update) {
  const old = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  items.forEach((item, place) => {
    const key = String(keyOf(item));
    let node = old.get(key);
    old.delete(key);
    if (!node) {
      node = make(item);
      node.dataset.key = key;
    }
    update(node, item);
    if (parent.children[place] !== node) parent.insertBefore(node, parent.children[place] ?? null);
  });
  for (const node of old.values()) node.remove();
}
