/** Repositories: what is held, found by a part of the name. */
import { address } from '../frame.js';
import { get, query } from '../api.js';
import { el, field, table } from '../dom.js';
import { ago, bytes, number, t } from '../text.js';

const ORDERS = ['name', 'size', 'used'];

export async function show(page, parameters, signal) {
  const wanted = { q: parameters.get('q') ?? '', sort: parameters.get('sort') ?? 'name' };
  const input = el('input', { type: 'search', value: wanted.q });
  const order = el('select', { change: ask }, ORDERS.map((name) =>
    el('option', { value: name, selected: name === wanted.sort }, t('sort.' + name))));
  function ask(event) {
    event.preventDefault();
    location.hash = address('repositories', { q: input.value.trim(), sort: order.value });
  }
  page.append(el('form', { role: 'search', submit: ask },
    field(t('repositories.search'), input), field(t('repositories.order'), order),
    el('button', {}, t('repositories.find'))));
  const found = await get('repositories' + query({ ...wanted, last: parameters.get('last') }), signal);
  page.append(
    table(t('page.repositories'),
      [t('repository'), t('upstream'), t('repositories.tags'), t('bytes'), t('repositories.own'),
        t('repositories.used'), t('repositories.expiry')],
      found.repositories.map(row), t('repositories.none')));
  if (found.next !== null) {
    page.append(el('p', {}, el('a', { href: address('repositories', { ...wanted, last: found.next }) }, t('more'))));
  }
}

function row(repository) {
  return [
    el('a', { href: address('repository', { name: repository.name }) }, repository.name),
    repository.upstream,
    number(repository.tags),
    bytes(repository.bytes),
    bytes(repository.ownBytes),
    ago(repository.lastUsed),
    repository.nextExpiry === null ? t('never') : ago(repository.nextExpiry),
  ];
}
