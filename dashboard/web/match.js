// One match: how it does, who is in it, what happened, and what can be done to it.

import { History, Rows, Spark, bytes, cell, count, el, micros, percent, post, reasons, seconds, sum, sure, table, text } from './dom.js';
import { Events } from './lists.js';

export class MatchView {
  #title = el('h2', {}, 'Match');
  #label = el('code');
  #notice = el('p', { className: 'notice', hidden: true, role: 'alert' });
  #facts = el('dl');
  #history = new History();
  #took = new Graph('Tick duration', '', 'All Loops so far, by how long they took at most');
  #late = new Graph('Lateness', 'late', 'All Loops so far, by how late they began at most');
  #roster;
  #nobody = el('p', { className: 'faint' }, 'Nobody is in it.');
  #events = new Events();
  #end = el('button', { className: 'danger', type: 'button' }, 'End the match');
  #reply = el('p', { className: 'faint', hidden: true });
  #signal = el('input', { placeholder: 'A text for its Signal', 'aria-label': 'A text for its Signal' });
  #over = false;

  constructor(id) {
    this.id = id;
    const list = table([['Player'], ['Received', 'n'], ['Sent', 'n'], ['Waiting', 'n'], ['Dropped', 'n'], ['']]);
    this.#roster = new Rows(list.body, (value) => this.#player(value));
    this.#end.onclick = () => sure('End this match for all its players?', 'End it', () => this.#do('match/end', { id }));
    const form = el('form', {}, this.#signal, el('button', {}, 'Signal'));
    form.onsubmit = (e) => {
      e.preventDefault();
      this.#do('match/signal', { id, data: this.#signal.value }, ({ reply }) => {
        this.#reply.hidden = false;
        text(this.#reply, reply === '' ? 'It answered with an empty text.' : reply);
      });
    };
    this.node = el('div', { id: 'match' },
      el('div', { className: 'bar' }, el('a', { href: '#matches' }, '‹ All matches'), el('span', { className: 'id' }, id), el('span', { className: 'end' }, this.#end)),
      this.#notice,
      el('div', { className: 'bar' }, this.#title, this.#label),
      el('div', { className: 'pair' }, this.#took.node, this.#late.node),
      el('div', { className: 'split' },
        el('div', {},
          el('div', { className: 'card' }, el('h3', {}, 'Roster'), list.node, this.#nobody),
          el('div', { className: 'card' }, el('h3', {}, 'Signal'), form, this.#reply)),
        el('div', {},
          el('div', { className: 'card' }, el('h3', {}, 'Figures'), this.#facts),
          el('div', { className: 'card' }, el('h3', {}, 'Recent events'), this.#events.node))));
  }

  show({ match, took, late, roster = [], events, ended, every }) {
    if (events) this.#events.show(events);
    if (ended) {
      this.gone('This match has ended.');
      return;
    }
    this.#nobody.hidden = roster.length > 0;
    this.#roster.show(roster, (p) => p.session);
    if (!match) return;
    text(this.#title, match.handler);
    text(this.#label, match.label ?? '');
    this.#history.take(match);
    this.#took.show(match.now[0], this.#history.took, took, 100);
    this.#late.show(match.now[1], this.#history.late, late, 1000);
    this.#figures(match, every);
  }

  gone(why = 'There is no such match.') {
    this.#over = true;
    this.#notice.hidden = false;
    text(this.#notice, why);
    for (const control of this.node.querySelectorAll('button, input')) control.disabled = true;
  }

  #figures(m, every) {
    const facts = {
      Players: m.capacity ? `${m.players}, ${m.taken} of ${m.capacity} seats taken` : m.players,
      Spectators: m.watching ?? 0,
      'Running for': seconds(m.age),
      Ticks: `${count(m.ticks)} a second, ${count(m.rate)} wanted (every ${micros(Math.round(every * 1e6))})`,
      Load: percent(m.load),
      Missed: `${m.missed ?? 0} ticks`,
      Waiting: `${m.inbox} messages, ${m.calls} calls`,
      In: `${count(m.in[0])} messages, ${bytes(m.in[1])} a second`,
      Out: `${count(m.out[0])} messages, ${bytes(m.out[1])} a second`,
      Dropped: sum(m.dropped) === 0 ? '0' : reasons(m.dropped).replaceAll('\n', ', '),
      Refused: sum(m.refused) === 0 ? '0' : reasons(m.refused).replaceAll('\n', ', '),
    };
    if (this.#facts.children.length === 0) {
      for (const name of Object.keys(facts)) this.#facts.append(el('dt', {}, name), el('dd', { 'data-fact': name }));
    }
    Object.values(facts).forEach((value, i) => text(this.#facts.children[2 * i + 1], value));
  }

  #player({ session, user, name }) {
    const parts = { in: el('span'), out: el('span'), waiting: el('span'), dropped: el('span') };
    const kick = el('button', { type: 'button' }, 'Kick');
    kick.onclick = () => sure(`Kick ${name || user}?`, 'Kick', () => this.#do('match/kick', { id: this.id, session }));
    const node = el('tr', { 'data-session': session },
      cell('', 'wide', name || 'no name', ' ', el('span', { className: 'id', title: user }, user.slice(0, 8))),
      cell('received', 'n', parts.in), cell('sent', 'n', parts.out), cell('waiting', 'n', parts.waiting),
      cell('dropped', 'n', parts.dropped), cell('', 'n', kick));
    const show = (p) => {
      text(parts.in, count(p.in[0]));
      parts.in.title = bytes(p.in[1]);
      text(parts.out, count(p.out[0]));
      parts.out.title = bytes(p.out[1]);
      text(parts.waiting, p.waiting ?? 0);
      text(parts.dropped, p.dropped ?? 0);
    };
    return { node, show };
  }

  // do asks the server for something, and says so if it did not work.
  async #do(path, body, then = () => {}) {
    try {
      then(await post(path, body));
      if (!this.#over) this.#notice.hidden = true;
    } catch (err) {
      this.#notice.hidden = false;
      text(this.#notice, err.message);
    }
  }
}

// Graph is the curve of the last minute and the spread of all ticks.
class Graph {
  #value = el('b', {}, '–');
  #spark;
  #bins;
  #scale = el('div', { className: 'scale' });

  constructor(title, kind, caption) {
    this.#spark = new Spark(`big ${kind}`);
    this.#bins = el('div', { className: `bins ${kind}` });
    this.node = el('div', { className: 'card' }, el('h3', {}, title),
      el('div', { className: 'graph' }, el('p', {}, this.#value, ' on average in the last second; below it the last minute'), this.#spark.node),
      el('p', { className: 'caption' }, caption), this.#bins, this.#scale);
  }

  show(now, values, { bounds, counts }, floor) {
    text(this.#value, micros(now));
    this.#spark.draw(values, floor);
    if (this.#bins.children.length === 0) {
      this.#bins.append(...counts.map(() => el('i')));
      const short = (b) => (b < 1000 ? `${b} µs` : b < 1e6 ? `${b / 1000} ms` : `${b / 1e6} s`);
      this.#scale.append(...bounds.map((b) => el('span', {}, short(b))), el('span', {}, 'more'));
    }
    const all = counts.reduce((sum, n) => sum + n, 0);
    counts.forEach((n, i) => {
      const bar = this.#bins.children[i];
      bar.style.height = `${all === 0 ? 0 : Math.max(n > 0 ? 4 : 0, (100 * n) / all)}%`;
      bar.title = `${n} ticks, ${percent(all === 0 ? 0 : n / all)}`;
    });
  }
}
