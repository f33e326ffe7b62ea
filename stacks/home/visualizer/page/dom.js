const SVG = 'http://www.w3.org/2000/svg';

/** Makes an element; children are elements or text. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** An icon of the sprite in index.html. It says nothing that the text beside it doesn't. */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `#${name}`);
  svg.append(use);
  return svg;
}

/** Changes an icon made by icon(). */
export function setIcon(svg, name) {
  const use = svg.firstElementChild;
  if (use.getAttribute('href') !== `#${name}`) use.setAttribute('href', `#${name}`);
}

/** Sets text only when it differs, so that a reader's selection and screen readers are left alone. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Sets an attribute, or removes it when the value is null, undefined or false. */
export function setAttribute(element, name, value) {
  if (value === null || value === undefined || value === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, String(value));
}

/**
 * Makes the children of parent match the items, in their order. Elements are kept from one call to the next by key, so
 * that focus, opened details and animations survive.
 */
export function sync(parent, items, key, create, update) {
  const kept = new Map();
  const wanted = new Set(items.map(key));
  for (const child of [...parent.children]) {
    if (wanted.has(child.dataset.key)) kept.set(child.dataset.key, child);
    else child.remove();
  }
  let cursor = parent.firstElementChild;
  for (const item of items) {
    const id = key(item);
    let element = kept.get(id);
    if (!element) {
      element = create(item);
      element.dataset.key = id;
    }
    update(element, item);
    if (element === cursor) cursor = cursor.nextElementSibling;
    else parent.insertBefore(element, cursor);
  }
}

/** The parts of an element that its update function changes, found by their data-part attribute. */
export function parts(element) {
  element.parts ??= Object.fromEntries([...element.querySelectorAll('[data-part]')].map((e) => [e.dataset.part, e]));
  return element.parts;
}

/** The items by key, in the order in which keys first occur. */
export function groupBy(items, key) {
  const groups = new Map();
  for (const item of items) {
    const id = key(item);
    if (!groups.has(id)) groups.set(id, []);
    groups.get(id).push(item);
  }
  return groups;
}
