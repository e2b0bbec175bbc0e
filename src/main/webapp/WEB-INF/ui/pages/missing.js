/** Missing: what clients asked for in vain while the upstream was offline. */
import { address } from '../frame.js';
import { get } from '../api.js';
import { el, table } from '../dom.js';
import { ago, number, t } from '../text.js';

export async function show(page, parameters, signal) {
  const { missing } = await get('missing', signal);
  page.append(
    el('p', {}, t('missing.what')),
    table(t('page.missing'),
      [t('reference'), t('missing.times'), t('missing.first'), t('missing.last'), ''],
      missing.map((wish) => [
        wish.reference,
        number(wish.times),
        ago(wish.first),
        ago(wish.last),
        el('a', { href: address('prefetch', { reference: wish.reference }) }, t('page.prefetch')),
      ]), t('missing.none')));
}
