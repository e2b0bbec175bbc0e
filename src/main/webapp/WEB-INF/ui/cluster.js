/** What several nodes have in common: who they are, their tables, and what waits for the bucket. */
import { ago, bytes, duration, number, t } from './text.js';
import { el, facts, table } from './dom.js';

const MILLIS = 1000;

/** Whether there is anything to show: one machine without a bucket has nothing. */
export const isShared = (state) => state.node !== null || state.bucket !== null;

/** The section as elements. */
export function cluster(state) {
  return [
    el('h2', {}, t('cluster')),
    state.node !== null && nodes(state),
    el('div', { class: 'cards' }, state.node !== null && common(state), state.bucket && bucketCard(state.bucket)),
  ].filter(Boolean);
}

function nodes(state) {
  return table(t('cluster.nodes'),
    [t('cluster.node'), t('cluster.state'), t('address'), t('cluster.version'), t('cluster.since'), t('cluster.seen'), t('cluster.claims')],
    state.nodes.map((node) => [
      node.self ? t('cluster.self', { name: node.name }) : node.name,
      el('span', { class: node.up ? 'good' : 'error' }, t(node.up ? 'cluster.up' : 'cluster.down')),
      node.address,
      node.version,
      ago(node.since),
      ago(node.lastSeen),
      number(node.claims),
    ]), t('cluster.none'));
}

function common(state) {
  const lag = state.changesLagMillis;
  return el('section', { class: 'card' },
    el('h3', {}, t('cluster.database')),
    facts([
      [t('cluster.lag'), lag === null ? null : duration(lag / MILLIS)],
      [t('cluster.received'), bytes(state.receivedBytes)],
      ...state.tables.map((each) => [each.component, t('cluster.schema', { version: each.version, oldest: each.oldest })]),
    ]));
}

function bucketCard(bucket) {
  return el('section', { class: 'card' },
    el('h3', {}, t('cluster.bucket')),
    el('p', { class: bucket.trouble ? 'error' : 'good' }, bucket.trouble ?? t('reachable')),
    facts([
      [t('cluster.name'), bucket.name],
      [t('cluster.waiting'), t('cluster.waits', { blobs: number(bucket.waiting), here: number(bucket.waitingHere) })],
      [t('bytes'), bytes(bucket.waitingBytes)],
      [t('cluster.oldest'), bucket.waiting > 0 ? duration(bucket.oldestSeconds) : null],
      [t('cluster.lastError'), bucket.lastError],
    ]));
}
