/** A chart of the bytes a second to clients and from upstreams, since the page was opened. */
import { bytes, t } from './text.js';

const POINTS = 150;
const HEIGHT = 160;
const SECOND = 1000;

let loading = null;

/** The chart library is loaded by its own script, once. */
function library() {
  loading ??= new Promise((resolve, reject) => {
    const style = Object.assign(document.createElement('link'), { rel: 'stylesheet', href: 'lib/uplot.css' });
    const script = Object.assign(document.createElement('script'), { src: 'lib/uplot.js' });
    script.addEventListener('load', () => resolve(globalThis.uPlot));
    script.addEventListener('error', () => reject(new Error('lib/uplot.js')));
    document.head.append(style, script);
  });
  return loading;
}

/**
 * Makes the chart.
 *
 * @returns {function(number, number)} takes the bytes sent and fetched so far
 */
export function rates(parent, signal) {
  const data = [[], [], []];
  let last = null;
  let chart = null;
  library().then((UPlot) => {
    if (!signal.aborted) {
      chart = new UPlot(options(parent), data, parent);
      const resized = new ResizeObserver(() => chart.setSize({ width: parent.clientWidth, height: HEIGHT }));
      resized.observe(parent);
      signal.addEventListener('abort', () => { resized.disconnect(); chart.destroy(); });
    }
  }, () => parent.remove()); // the numbers stay
  return (sent, fetched) => {
    const now = Date.now() / SECOND;
    if (last !== null) {
      const seconds = now - last.now;
      data[0].push(now);
      data[1].push(Math.max(0, sent - last.sent) / seconds);
      data[2].push(Math.max(0, fetched - last.fetched) / seconds);
      data.filter((series) => series.length > POINTS).forEach((series) => series.shift());
      chart?.setData(data);
    }
    last = { now, sent, fetched };
  };
}

function options(parent) {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const axis = { stroke: colour('--text'), grid: { stroke: colour('--line') }, ticks: { stroke: colour('--line') } };
  const rate = (plot, value) => (value === null || value === undefined ? '–' : bytes(value) + '/s');
  return {
    width: parent.clientWidth,
    height: HEIGHT,
    cursor: { drag: { x: false, y: false } },
    axes: [axis, { ...axis, size: 90, values: (plot, ticks) => ticks.map((tick) => bytes(tick) + '/s') }],
    series: [
      { label: t('time') },
      { label: t('overview.toClients'), stroke: colour('--accent'), width: 2, value: rate },
      { label: t('overview.fromUpstreams'), stroke: colour('--second'), width: 2, dash: [6, 4], value: rate },
    ],
  };
}
