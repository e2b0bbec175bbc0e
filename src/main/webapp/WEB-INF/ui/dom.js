/**
 * Makes elements. Text stays text: nothing in these pages reads HTML from data, so a hostile name
 * of a repository is only shown.
 */

/**
 * Makes an element.
 *
 * @param {string} tag its name
 * @param {Object} attributes functions become listeners; false and null are left out
 * @param {...(Node|string|null)} children what it contains
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') {
      element.addEventListener(name, value);
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value === true ? '' : value);
    }
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/**
 * Makes a table that becomes a list of cards on a narrow screen.
 *
 * @param {string} caption what it shows
 * @param {string[]} heads the names of the columns
 * @param {Array<Array<Node|string|null>>} rows the cells; the first of a row is its name
 * @param {string} none what to say if there are no rows
 */
export function table(caption, heads, rows, none) {
  if (rows.length === 0) {
    return el('section', {}, el('h2', {}, caption), el('p', { class: 'none' }, none));
  }
  const cells = (row) =>
    row.map((cell, column) =>
      el(column === 0 ? 'th' : 'td',
        { 'data-head': heads[column], scope: column === 0 ? 'row' : null }, cell ?? ''));
  return el('table', {},
    el('caption', {}, caption),
    el('thead', {}, el('tr', {}, heads.map((head) => el('th', { scope: 'col' }, head)))),
    el('tbody', {}, rows.map((row) => el('tr', {}, cells(row)))));
}

/** Makes a list of names and values. */
export function facts(pairs) {
  return el('dl', {}, pairs.flatMap(([name, value]) =>
    value === null || value === undefined || value === ''
      ? []
      : [el('dt', {}, name), el('dd', {}, value)]));
}

/** Makes a bar that shows a part of a whole; without a whole it shows only that something runs. */
export function bar(label, part, whole) {
  return whole > 0
    ? el('progress', { 'aria-label': label, max: whole, value: part })
    : el('progress', { 'aria-label': label });
}

/** Shows the beginning of a digest, and all of it to who points at it. */
export function shortDigest(digest) {
  return el('code', { title: digest }, digest.slice(0, 19));
}

/** Shows new children, but leaves the old ones while the keyboard is in one of them. */
export function replaceUnlessFocused(parent, ...children) {
  if (!parent.contains(document.activeElement)) {
    parent.replaceChildren(...children);
  }
}

/** Makes a labelled field of a form. */
export function field(label, input) {
  return el('label', {}, el('span', {}, label), input);
}

/**
 * Asks a question in a dialog.
 *
 * @param {Node[]} content what is asked
 * @param {string} yes the text of the button that agrees
 * @param {string} no the text of the button that does not
 * @returns {Promise<boolean>} whether the person agreed
 */
export function ask(content, yes, no) {
  return new Promise((resolve) => {
    const answer = (value) => () => dialog.close(value);
    const dialog = el('dialog', {
      close: () => {
        dialog.remove();
        resolve(dialog.returnValue === 'yes');
      },
    },
    content,
    el('p', { class: 'buttons' },
      el('button', { type: 'button', click: answer('no') }, no),
      el('button', { type: 'button', class: 'danger', click: answer('yes') }, yes)));
    document.body.append(dialog);
    dialog.showModal();
  });
}
