/** The element with this id; the page and this script are written together, so its absence is a mistake. */
export function byId<T extends HTMLElement>(id: string, type: new () => T): T {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new Error(`the page has no ${type.name} #${id}`);
  return element;
}

/** An element with a class and children. */
export function el<K extends keyof HTMLElementTagNameMap>(
  name: K,
  className: string,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  if (className !== '') element.className = className;
  element.append(...children);
  return element;
}

/** One row of a description list. */
export function row(term: string, description: string): HTMLDivElement {
  return el('div', '', el('dt', '', term), el('dd', '', description));
}
