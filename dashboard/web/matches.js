// The list of matches.

import { History, Rows, Spark, cell, clock, count, el, micros, percent, reasons, sum, table, text } from './dom.js';

const ORDERS = {
  load: 'Load', took: 'Tick duration', late: 'Lateness', players: 'Players', queue: 'Waiting', drops: 'Dropped',
  newest: 'Newest', oldest: 'Oldest',
};

// search makes a field that asks again when it has been left alone for a moment.
export function search(what, changed) {
  let timer;
  const input = el('input', { type: 'search', placeholder: what, 'aria-label': what });
  input.oninput = () => {
    clearTimeout(timer);
    timer = setTimeout(changed, 250);
  };
  return input;
}

export class MatchesView {
  #filter;
  #sort = el('select', { 'aria-label': 'Order' }, ...Object.entries(ORDERS).map(([value, name]) => el('option', { value }, name)));
  #found = el('span', { className: 'faint end' });
  #rows;
  #empty = el('p', { className: 'empty', hidden: true }, 'No matches.');
  #relays;
  #relayCard;

  constructor(ask) {
    const again = () => ask({ filter: this.#filter.value.trim(), sort: this.#sort.value });
    this.#filter = search('Filter by label, handler or id', again);
    this.#sort.onchange = again;
    const list = table([
      ['Match'], ['Players', 'n'], ['Ticks', 'n'], ['Load', 'n'], ['Tick duration'], ['Lateness'], ['Waiting', 'n'], ['Dropped', 'n'],
    ]);
    this.#rows = new Rows(list.body, (value) => this.#row(value));
    const relays = table([['Relayed match'], ['Players', 'n'], ['Since', 'n']]);
    this.#relays = new Rows(relays.body, (value) => this.#relay(value));
    this.#relayCard = el('div', { className: 'card', hidden: true }, relays.node);
    this.node = el('div', {},
      el('div', { className: 'bar' }, this.#filter, this.#sort, this.#found),
      el('div', { className: 'card' }, list.node, this.#empty), this.#relayCard);
  }

  show({ list }) {
    if (!list) return;
    text(this.#found, list.found > list.rows.length ? `${list.rows.length} of ${list.found} shown` : `${list.found} found`);
    this.#empty.hidden = list.found > 0;
    this.#rows.show(list.rows, (m) => m.id);
    const relays = list.relays ?? [];
    this.#relayCard.hidden = relays.length === 0;
    this.#relays.show(relays, (m) => m.id);
  }

  #row({ id, handler }) {
    const history = new History();
    const took = new Spark();
    const late = new Spark('late');
    const label = el('span', { className: 'label' });
    const parts = {
      players: el('span'), ticks: el('span'), load: el('span'), took: el('output'), late: el('output'),
      queue: el('span'), drops: el('span'),
    };
    const node = el('tr', { className: 'go', 'data-id': id },
      cell('', 'wide', el('a', { href: `#match/${encodeURIComponent(id)}` }, handler), ' ', el('span', { className: 'id' }, id.slice(0, 8)), label),
      cell('players', 'n', parts.players), cell('ticks', 'n', parts.ticks), cell('load', 'n', parts.load),
      cell('took', 'graphed', el('div', { className: 'curve' }, took.node, parts.took)),
      cell('late', 'graphed', el('div', { className: 'curve' }, late.node, parts.late)),
      cell('waiting', 'n', parts.queue), cell('dropped', 'n', parts.drops));
    const show = (m) => {
      history.take(m);
      took.draw(history.took, 100);
      late.draw(history.late, 1000);
      text(label, m.label ?? '');
      text(parts.players, m.capacity ? `${m.players} / ${m.capacity}` : m.players);
      text(parts.ticks, `${count(m.ticks)} / ${count(m.rate)}`);
      text(parts.load, percent(m.load));
      text(parts.took, micros(m.now[0]));
      text(parts.late, micros(m.now[1]));
      text(parts.queue, m.inbox + m.calls);
      text(parts.drops, count(sum(m.dropped)));
      parts.drops.title = reasons(m.dropped);
      parts.drops.className = sum(m.dropped) > 0 ? 'bad' : '';
      parts.load.className = m.load > 0.8 ? 'bad' : '';
    };
    return { node, show };
  }

  #relay({ id, created }) {
    const players = el('span');
    const node = el('tr', {}, cell('', 'wide', el('span', { className: 'id' }, id)), cell('players', 'n', players), cell('since', 'n', clock(created)));
    return { node, show: (m) => text(players, m.players) };
  }
}
