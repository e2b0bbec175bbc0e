/** Repository: its tags, and what can be done with them. */
import { address, attempt } from '../frame.js';
import { escaped, get, post, query, remove } from '../api.js';
import { ask, el, facts, shortDigest, table } from '../dom.js';
import { ago, bytes, number, t } from '../text.js';

export async function show(page, parameters, signal) {
  const name = parameters.get('name') ?? '';
  const held = await get(`repositories/${escaped(name)}` + query({ last: parameters.get('last') }), signal);
  page.append(
    el('p', {}, el('a', { href: address('repositories') }, t('page.repositories')), ' / ', name),
    facts([
      [t('upstream'), held.upstream],
      [t('bytes'), t('repository.bytes', { all: bytes(held.bytes), own: bytes(held.ownBytes) })],
      [t('repositories.used'), ago(held.lastUsed)],
      [t('repositories.expiry'), held.nextExpiry === null ? t('never') : ago(held.nextExpiry)],
    ]),
    el('p', { class: 'buttons' }, purgeButton(`repositories/${escaped(name)}`, name, true)),
    table(t('repositories.tags'),
      [t('tag'), t('digest'), t('repository.here'), t('repository.state'), t('explain.lease'), t('repository.history'), t('repository.do')],
      held.tagDetails.map((tag) => row(name, tag, held.tags === 1)), t('repository.none')));
  if (held.next !== null) {
    page.append(el('p', {}, el('a', { href: address('repository', { name, last: held.next }) }, t('more'))));
  }
}

function row(name, { tag, rule, cache, history, signatures }, isOnly) {
  const reference = `${name}:${tag}`;
  return [
    el('a', { href: address('explain', { reference }) }, tag),
    cache?.digest ? shortDigest(cache.digest) : '',
    stored(cache),
    el('span', {}, cache ? t('explain.state.' + cache.state) : t('repository.noUpstream'),
      signatures.length > 0 ? `; ${t('repository.signed', { n: number(signatures.length) })}` : ''),
    rule?.pins.length > 0 ? t('repository.pinned', { by: rule.pins.join(', ') })
      : cache?.leaseUntil ? ago(cache.leaseUntil) : t('never'),
    el('ol', {}, history.map((seen) => el('li', {},
      shortDigest(seen.digest), ' ', ago(seen.firstSeen)))),
    el('span', { class: 'buttons' },
      action(t('repository.pin'), reference, () => post('pins', { pattern: reference }), 'repository.isPinned'),
      el('a', { href: address('prefetch', { reference }) }, t('page.prefetch')),
      purgeButton(`repositories/${escaped(name)}/tags/${encodeURIComponent(tag)}`, reference, isOnly)),
  ];
}

/** How much of the image is here; of an index, of all its platforms. */
function stored(cache) {
  const parts = cache?.contents?.manifests ?? [];
  const missing = parts.reduce((sum, part) => sum + part.missingBytes, 0);
  const here = parts.filter((part) => part.here && part.blobsHere === part.blobs).length;
  return parts.length === 0 ? '' : t('repository.parts', { here: number(here), all: number(parts.length), missing: bytes(missing) });
}

function action(text, reference, task, done) {
  return el('button', {
    type: 'button',
    'aria-label': `${text}: ${reference}`,
    click: () => attempt(async () => {
      await task();
      return t(done, { reference });
    }),
  }, text);
}

/**
 * Shows what would go before anything goes.
 *
 * @param {boolean} isAll whether nothing of the repository may be left then, so that it has no page
 */
function purgeButton(path, what, isAll) {
  return el('button', {
    type: 'button',
    class: 'danger',
    'aria-label': `${t('repository.purge')}: ${what}`,
    click: () => attempt(() => purge(path, what, isAll)),
  }, t('repository.purge'));
}

async function purge(path, what, isAll) {
  const would = await remove(path + '?dryRun=true');
  const agreed = await ask([
    el('h2', {}, t('repository.sure', { what })),
    el('p', {}, t('repository.would', { bytes: bytes(would.bytes), digests: number(would.digests) })),
  ], t('repository.purge'), t('cancel'));
  if (!agreed) {
    return '';
  }
  const gone = await remove(path);
  if (isAll) {
    location.hash = address('repositories');
  } else {
    dispatchEvent(new HashChangeEvent('hashchange'));
  }
  return t('repository.gone', { what, bytes: bytes(gone.bytes) });
}
