/** The language of these pages, and the ways it writes numbers and times. */

export const LANGUAGES = { en: 'English', de: 'Deutsch' };

const KEPT = 'entrepot.language';
const SECOND = 1000;
const STEPS = [['day', 86400], ['hour', 3600], ['minute', 60], ['second', 1]];
const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

let language = 'en';
let texts = {};

function kept() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null; // the browser keeps nothing for this page
  }
}

/** Loads the language that the person has chosen here, or else the one of the browser. */
export async function loadLanguage() {
  const wanted = [kept(), ...navigator.languages.map((tag) => tag.slice(0, 2))];
  language = wanted.find((tag) => tag in LANGUAGES) ?? 'en';
  texts = (await import(`./text-${language}.js`)).default;
  document.documentElement.lang = language;
  return language;
}

/** Keeps the choice of the person. */
export function keepLanguage(tag) {
  try {
    localStorage.setItem(KEPT, tag);
  } catch {
    // It then lasts as long as the page.
  }
}

/** A text, with its {names} replaced. */
export function t(key, values = {}) {
  const text = texts[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** A whole number. */
export const number = (value) => new Intl.NumberFormat(language).format(value);

/** A share, as a percentage. */
export const percent = (part, whole) =>
  whole > 0
    ? new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 }).format(part / whole)
    : '–';

/** A size. */
export function bytes(value) {
  let size = value;
  let unit = 0;
  while (Math.abs(size) >= 1024 && unit < UNITS.length - 1) {
    size /= 1024;
    unit++;
  }
  const digits = unit === 0 || size >= 100 ? 0 : 1;
  return new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(size) + ' ' + UNITS[unit];
}

/** How long something lasts. */
export function duration(seconds) {
  const [unit, size] = STEPS.find(([, step]) => seconds >= step) ?? STEPS.at(-1);
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' })
    .format(Math.round(seconds / size));
}

/** A moment, as seen from now. */
export function ago(instant) {
  const seconds = Math.round((new Date(instant) - Date.now()) / SECOND);
  const [unit, size] = STEPS.find(([, step]) => Math.abs(seconds) >= step) ?? STEPS.at(-1);
  const element = document.createElement('time');
  element.dateTime = instant;
  element.title = new Date(instant).toLocaleString(language);
  element.textContent = new Intl.RelativeTimeFormat(language, { numeric: 'auto' })
    .format(Math.round(seconds / size), unit);
  return element;
}
