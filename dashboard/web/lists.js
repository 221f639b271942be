// The other lists: sessions, who waits for opponents, boards, events.

import { Rows, bytes, cell, clock, count, el, get, percent, reasons, seconds, sum, table, text } from './dom.js';
import { search } from './matches.js';

// filtered is a list with a field to search in.
class Filtered {
  #filter;
  #found = el('span', { className: 'faint end' });
  #rows;
  #empty;

  constructor(ask, what, nothing, columns, make) {
    this.#filter = search(what, () => ask({ filter: this.#filter.value.trim() }));
    const list = table(columns);
    this.#rows = new Rows(list.body, make);
    this.#empty = el('p', { className: 'empty', hidden: true }, nothing);
    this.node = el('div', {}, el('div', { className: 'bar' }, this.#filter, this.#found), el('div', { className: 'card' }, list.node, this.#empty));
  }

  show({ list }) {
    if (!list) return;
    text(this.#found, list.found > list.rows.length ? `${list.rows.length} of ${list.found} shown` : `${list.found} found`);
    this.#empty.hidden = list.found > 0;
    this.#rows.show(list.rows, (row) => row.id);
  }
}

export class SessionsView extends Filtered {
  constructor(ask) {
    super(ask, 'Filter by name or id', 'No sessions.', [['Player'], ['Session'], ['Frames waiting', 'n'], ['Bytes waiting', 'n'], ['Dropped', 'n']], (first) => {
      const parts = { frames: el('span'), bytes: el('span'), dropped: el('span') };
      const node = el('tr', { 'data-id': first.id },
        cell('', 'wide', first.name || 'no name', ' ', el('span', { className: 'id' }, first.user)),
        cell('session', '', el('span', { className: 'id', title: first.id }, first.id.slice(0, 8))), cell('frames', 'n', parts.frames),
        cell('bytes', 'n', parts.bytes), cell('dropped', 'n', parts.dropped));
      return {
        node,
        show: (s) => {
          text(parts.frames, s.frames);
          text(parts.bytes, bytes(s.bytes));
          text(parts.dropped, count(sum(s.dropped)));
          parts.dropped.title = reasons(s.dropped);
        },
      };
    });
  }
}

export class BoardsView extends Filtered {
  constructor(ask) {
    super(ask, 'Filter by id', 'No boards.', [['Board'], ['Order'], ['Operator'], ['Resets'], ['']], (b) => {
      const top = el('button', { type: 'button' }, 'Records');
      top.onclick = () => records(b);
      const kind = [b.tournament && 'tournament', b.host_only && 'only the host writes'].filter(Boolean).join(', ');
      const node = el('tr', { 'data-id': b.id },
        cell('', 'wide', b.title ? `${b.title} ` : '', el('code', {}, b.id), el('span', { className: 'label' }, kind)),
        cell('order', '', b.sort), cell('operator', '', b.operator), cell('resets', '', b.reset || 'never'), cell('', 'n', top));
      return { node, show: () => {} };
    });
  }
}

// records shows the best of a board.
async function records(board) {
  const body = el('div', {}, 'one moment');
  const close = popup(board.title || board.id, body);
  try {
    const found = await get(`board?id=${encodeURIComponent(board.id)}`);
    const list = table([['', 'n'], ['Player'], ['Score', 'n'], ['Writes', 'n']]);
    for (const r of found.rows) {
      list.body.append(el('tr', {}, cell('rank', 'n', String(r.rank)),
        cell('', 'wide', r.name || 'no name', ' ', el('span', { className: 'id', title: r.owner }, r.owner.slice(0, 8))),
        cell('score', 'n', r.subscore ? `${r.score} / ${r.subscore}` : String(r.score)), cell('writes', 'n', String(r.writes))));
    }
    body.replaceChildren(found.rows.length === 0 ? 'No records yet.' : list.node);
    if (found.records > found.rows.length) body.append(el('p', { className: 'faint' }, `${found.rows.length} of ${found.records} records`));
  } catch (err) {
    close();
    popup(board.id, el('p', { className: 'bad' }, err.message));
  }
}

function popup(title, body) {
  const close = el('button', { type: 'button' }, 'Close');
  const dialog = el('dialog', {}, el('h2', {}, title), body, el('div', { className: 'bar' }, close));
  close.onclick = () => dialog.close();
  dialog.onclose = () => dialog.remove();
  document.body.append(dialog);
  dialog.showModal();
  return () => dialog.close();
}

export class QueueView {
  #pools;
  #tickets;
  #none = el('p', { className: 'empty', hidden: true }, 'Nobody waits.');
  #unused = el('p', { className: 'empty', hidden: true }, 'There were no tickets yet.');
  #title = el('h3');

  constructor() {
    const pools = table([['Pool'], ['Waiting', 'n'], ['Oldest', 'n'], ['Half waited', 'n'], ['99 % waited', 'n'], ['Matched', 'n'], ['Left', 'n'], ['Groups']]);
    this.#pools = new Rows(pools.body, (p) => this.#pool(p));
    const tickets = table([['Players'], ['Waits', 'n'], ['Wants', 'n'], ['Query'], ['']]);
    this.#tickets = new Rows(tickets.body, (t) => this.#ticket(t));
    this.node = el('div', {},
      el('div', { className: 'card' }, el('h3', {}, 'Pools'), pools.node, this.#unused),
      el('div', { className: 'card' }, this.#title, tickets.node, this.#none));
  }

  show({ list }) {
    if (!list) return;
    this.#unused.hidden = list.pools.length > 0;
    this.#pools.show(list.pools, (p) => p.name);
    const all = list.tickets > list.waiting.length ? `the oldest ${list.waiting.length} of ${list.tickets}` : list.tickets;
    text(this.#title, `Tickets that wait: ${all}`);
    this.#none.hidden = list.waiting.length > 0;
    this.#tickets.show(list.waiting, (t) => t.id);
  }

  #pool({ name }) {
    const fields = {
      waiting: (p) => p.waiting, oldest: (p) => (p.waiting > 0 ? seconds(p.oldest) : '–'), 'half waited': (p) => (p.matched > 0 ? seconds(p.p50) : '–'), '99 % waited': (p) => (p.matched > 0 ? seconds(p.p99) : '–'),
      matched: (p) => (p.matched > 0 ? `${count(p.matched)} (${percent(p.rate)})` : 0), left: (p) => count(p.left),
      groups: (p) => Object.entries(p.groups ?? {}).map(([size, n]) => `${n} of ${size}`).join(', ') || '–',
    };
    const spans = Object.fromEntries(Object.keys(fields).map((field) => [field, el('span')]));
    const node = el('tr', {}, cell('', 'wide', name || 'all tickets'), ...Object.entries(spans).map(([field, span]) => cell(field, field === 'groups' ? '' : 'n', span)));
    return { node, show: (p) => Object.entries(fields).forEach(([field, value]) => text(spans[field], value(p))) };
  }

  #ticket(t) {
    const waits = el('span');
    const why = el('button', { type: 'button' }, 'Why?');
    why.onclick = () => explain(t.id);
    const node = el('tr', { 'data-id': t.id },
      cell('', 'wide', t.players.join(', '), el('span', { className: 'label' }, t.party ? 'a party' : '')), cell('waits', 'n', waits),
      cell('wants', 'n', t.min === t.max ? String(t.min) : `${t.min} to ${t.max}`), cell('query', '', el('code', {}, t.query || '*')), cell('', 'n', why));
    return { node, show: (now) => text(waits, seconds(now.waited)) };
  }
}

// explain says why a ticket waits.
async function explain(ticket) {
  const body = el('div', {}, 'one moment');
  popup('Why this ticket waits', body);
  try {
    body.replaceChildren(...explanation(await get(`explain?ticket=${encodeURIComponent(ticket)}`)));
  } catch (err) {
    body.replaceChildren(el('p', { className: 'bad' }, err.message));
  }
}

function explanation(e) {
  const facts = {
    Players: e.ticket.players.join(', '), Waited: `${seconds(e.ticket.waited)}, ${e.runs} runs`,
    'Other tickets': e.others, 'Could play with': `${e.candidates} of them`,
    'Group now': e.held ? 'it is in a group that is being made' : e.group ? `${e.group.length} tickets` : 'none of an allowed size',
    'Do not want it': `${e.refused} that it wants`, 'Do not want each other': `${e.conflicts} pairs among them`,
  };
  const list = el('dl', {}, ...Object.entries(facts).flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, String(value))]));
  const parts = [list];
  const helps = e.helps.filter((h) => h.candidates > 0);
  if (helps.length > 0) {
    parts.push(el('h3', {}, 'What would help'), el('ul', {}, ...helps.map((h) => el('li', {}, 'without ', el('code', {}, h.term), ` ${h.candidates} more could play with it`))));
  }
  if (e.obstacles.length > 0) {
    parts.push(el('h3', {}, 'What is in the way'), el('ul', {}, ...e.obstacles.map(obstacle)));
  }
  return parts;
}

function obstacle(o) {
  const why = [o.shared && 'shares a player or a party', o.sizes && 'no size fits both'].filter(Boolean);
  if (o.mine) why.push(`fails ${o.mine.join(' ')}`);
  if (o.theirs) why.push(`asks for ${o.theirs.join(' ')}`);
  return el('li', {}, el('span', { className: 'id' }, o.ticket.slice(0, 8)), ` ${why.join('; ')}`);
}

// Events is a list of what happened, the latest first.
export class Events {
  node = el('ol', { className: 'events' });

  show(events) {
    this.node.replaceChildren(...events.toReversed().map((e) => el('li', {},
      el('time', {}, clock(e.at)),
      el('span', {}, el('span', { className: `kind ${e.kind}` }, e.kind), e.handler ? ` ${e.handler}` : '', e.who ? ` ${e.who}` : '', ' ',
        el('span', { className: 'faint' }, (e.what ?? '') + (e.n > 1 ? ` (${e.n} times)` : '')), ' ',
        e.match ? el('a', { className: 'id', href: `#match/${encodeURIComponent(e.match)}` }, e.match.slice(0, 8)) : null))));
  }
}

export class EventsView {
  #events = new Events();
  #empty = el('p', { className: 'empty' }, 'Nothing has happened yet.');
  node = el('div', { className: 'card' }, el('h3', {}, 'Matches that began and ended'), this.#events.node, this.#empty);

  show({ events }) {
    if (!events) return;
    this.#events.show(events);
    this.#empty.hidden = events.length > 0;
  }
}
