type Child = Node | string | undefined;

/**
 * Makes an element. Texts become text nodes: whatever a document, an error or a name holds is shown, and
 * never read as HTML.
 */
export function element<TTag extends keyof HTMLElementTagNameMap>(
  tag: TTag,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[TTag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== undefined));

  return made;
}

/** Finds an element of the page by its id. */
export function byId<TElement extends HTMLElement = HTMLElement>(
  id: string,
): TElement {
  const found = document.getElementById(id);
  if (found === null) {
    throw new Error(`The page has no element #${id}.`);
  }

  return found as TElement;
}

/** Finds the controls of a form, or of a part of it, by their name. */
export function control<TElement extends HTMLElement = HTMLInputElement>(
  parent: HTMLElement,
  name: string,
): TElement {
  const found = parent.querySelector<TElement>(`[name="${name}"]`);
  if (found === null) {
    throw new Error(`There is no control ${name}.`);
  }

  return found;
}

/** Returns which of the radio buttons of that name is chosen. */
export function chosen(parent: HTMLElement, name: string): string {
  return (
    parent.querySelector<HTMLInputElement>(`[name="${name}"]:checked`)?.value ??
    ""
  );
}

/** Chooses one of the radio buttons of that name. */
export function choose(parent: HTMLElement, name: string, value: string): void {
  for (const input of parent.querySelectorAll<HTMLInputElement>(
    `[name="${name}"]`,
  )) {
    input.checked = input.value === value;
  }
}
