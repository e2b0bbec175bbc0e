/** Overview: how the cache does now. */
import { attempt, every, failure } from '../frame.js';
import { get, post } from '../api.js';
import { ask, bar, el, facts, replaceUnlessFocused, shortDigest, table } from '../dom.js';
import { bytes, duration, number, percent, t } from '../text.js';
import { cluster, isShared } from '../cluster.js';
import { rates } from '../rates.js';

const MILLIS = 2000;

/** The kinds of requests that carry content. Others, such as lists, say little about the cache. */
const CONTENT = ['blob', 'manifest'];

/** The outcomes in which the client got what was stored. */
const FROM_HERE = ['hit', 'revalidated', 'stale', 'joined'];

export async function show(page, parameters, signal) {
  const cards = el('div', { class: 'cards' });
  const chart = el('section', {}, el('h2', {}, t('overview.chart')));
  const fills = el('div', {});
  const upstreams = el('div', { class: 'cards' });
  const shared = el('section', {});
  const trouble = el('div', {});
  page.append(trouble, cards, chart, fills, shared, el('h2', {}, t('overview.upstreams')), upstreams);
  const draw = rates(chart, signal);
  let alone = false;
  await every(MILLIS, signal, async () => {
    try {
      const [stats, running] = await Promise.all([get('stats', signal), get('fills', signal)]);
      trouble.replaceChildren(...stats.unread.map((why) => failure({ message: why })));
      cards.replaceChildren(...numbers(stats));
      fills.replaceChildren(fillTable(running.fills));
      replaceUnlessFocused(upstreams, ...stats.upstreams.map(upstreamCard));
      if (!alone) {
        const state = await get('cluster', signal);
        alone = !isShared(state);
        shared.replaceChildren(...alone ? [] : cluster(state));
      }
      draw(stats.pushedBytes, stats.pulledBytes);
    } catch (error) {
      if (!signal.aborted) {
        trouble.replaceChildren(failure(error));
      }
    }
  });
}

function numbers(stats) {
  const content = Object.entries(stats.requests).filter(([name]) => CONTENT.includes(name.split('/')[0]));
  const sum = (entries) => entries.reduce((total, [, count]) => total + count, 0);
  const here = content.filter(([name]) => FROM_HERE.includes(name.split('/')[1]));
  const answered = content.filter(([name]) => [...FROM_HERE, 'miss'].includes(name.split('/')[1]));
  const saved = Math.max(0, stats.pushedBytes - stats.pulledBytes);
  return [
    card(t('overview.ratio'), percent(sum(here), sum(answered)), t('overview.ofRequests', { n: number(sum(answered)) })),
    card(t('overview.saved'), bytes(saved), t('overview.sent', { sent: bytes(stats.pushedBytes), fetched: bytes(stats.pulledBytes) })),
    stats.held && card(t('overview.stored'), bytes(stats.held.bytes), t('overview.held', {
      repositories: number(stats.held.repositories), tags: number(stats.held.tags), blobs: number(stats.held.blobs),
    })),
    stats.disk?.quota > 0 && diskCard(stats.disk),
    card(t('overview.uptime'), duration(stats.uptimeSeconds), t('overview.evictions', { n: number(stats.evictions) })),
  ].filter(Boolean);
}

function card(name, value, more) {
  return el('section', { class: 'card' }, el('h2', {}, name), el('p', { class: 'big' }, value), more ? el('p', {}, more) : null);
}

function diskCard(disk) {
  const used = disk.stored + disk.promised;
  return el('section', { class: 'card' },
    el('h2', {}, t('overview.disk')),
    el('p', { class: 'big' }, bytes(used)),
    bar(t('overview.disk'), used, disk.quota),
    el('p', {}, t('overview.ofQuota', { quota: bytes(disk.quota), removed: number(disk.imagesRemoved) })));
}

function fillTable(fills) {
  return table(t('overview.fills'),
    [t('repository'), t('digest'), t('overview.progress'), t('overview.rate'), t('overview.readers')],
    fills.map((fill) => [
      fill.repository,
      shortDigest(fill.digest),
      el('span', {}, bar(fill.digest, fill.bytesHere, fill.size),
        ` ${bytes(fill.bytesHere)}${fill.size !== null ? ' / ' + bytes(fill.size) : ''}`),
      fill.bytesPerSecond === null ? '' : bytes(fill.bytesPerSecond) + '/s',
      number(fill.readers),
    ]), t('overview.noFills'));
}

function upstreamCard(upstream) {
  const closed = upstream.registries.every((registry) => registry.breaker === 'closed');
  return el('section', { class: 'card' },
    el('h3', {}, upstream.name),
    el('p', { class: upstream.offline || !closed ? 'error' : 'good' },
      t(upstream.offline ? 'offline' : closed ? 'reachable' : 'resting')),
    ...upstream.registries.map(registryFacts),
    el('button', { type: 'button', click: () => rest(upstream) },
      t(upstream.offline ? 'overview.back' : 'overview.takeOut', { upstream: upstream.name })));
}

function registryFacts(registry) {
  const limit = registry.rateLimit;
  return facts([
    [t('overview.url'), registry.url],
    [t('overview.rest'), registry.restSeconds > 0 ? duration(registry.restSeconds) : null],
    [t('overview.trouble'), registry.trouble],
    [t('overview.left'), limit && `${number(limit.remaining)}${limit.limit === null ? '' : ' / ' + number(limit.limit)}`],
  ]);
}

async function rest(upstream) {
  const offline = !upstream.offline;
  if (offline && !await ask([el('p', {}, t('overview.sure', { upstream: upstream.name }))], t('yes'), t('no'))) {
    return;
  }
  await attempt(async () => {
    await post(`upstreams/${encodeURIComponent(upstream.name)}/rest`, { offline });
    return t(offline ? 'overview.out' : 'overview.in', { upstream: upstream.name });
  });
  document.activeElement.blur();
}
