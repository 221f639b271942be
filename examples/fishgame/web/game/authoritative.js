// A match that the server runs. The page sends keys and shows what it gets: the own fish predicted, all else interpolated.

import { Prediction } from './predict.js';
import { Shots } from './shots.js';
import { between, Timeline } from './timeline.js';

// Op codes, as in fish.go.
const OP = { say: 1, echo: 2, snapshot: 3, input: 4, ready: 5, roster: 6, fill: 7, goodbye: 99 };
export const LOBBY = 0, FIGHT = 1, ROUND_OVER = 2, MATCH_OVER = 3;

const ECHO_MS = 2_000;
const MOST_STEPS = 6; // at once, after a pause

export class Authoritative extends EventTarget {
  kind = 'authoritative';
  roster = null;
  latency = null; // ms to the match and back

  #rules;
  #socket;
  #id;
  #user;
  #timeline;
  #prediction;
  #shots;
  #tickMs;
  #seq = 0;
  #next = 0; // when the next step is due
  #then = 0;
  #asked = 0;
  #listen;

  // match is what joinMatch returned. Without a user it is watched.
  constructor({ rules, socket, match, user }) {
    super();
    this.#rules = rules;
    this.#socket = socket;
    this.#id = match.match_id;
    this.#user = user ?? null;
    this.#tickMs = 1000 / rules.tick_rate;
    this.#timeline = new Timeline(this.#tickMs);
    this.#prediction = new Prediction(rules);
    this.#shots = new Shots(rules);
    this.#listen = (event) => event.detail.matchID === this.#id && this.#receive(event.detail);
    socket.addEventListener('data', this.#listen);
  }

  get matchID() {
    return this.#id;
  }

  // seat is the place of the player, -1 for who watches.
  get seat() {
    return this.roster ? this.roster.players.findIndex((p) => p && p.id === this.#user) : -1;
  }

  // watching says whether nobody plays on this page.
  get watching() {
    return this.#user === null;
  }

  get corrections() {
    return this.#prediction.corrections;
  }

  ready() {
    this.#socket.send(this.#id, OP.ready, {});
  }

  // fill asks for bots on the empty places.
  fill() {
    this.#socket.send(this.#id, OP.fill, {});
  }

  async leave() {
    this.#socket.removeEventListener('data', this.#listen);
    await this.#socket.leaveMatch(this.#id).catch(() => {}); // it is over, or the connection is
  }

  #receive({ op, json }) {
    switch (op) {
      case OP.snapshot: {
        const snapshot = json();
        this.#timeline.add(snapshot, performance.now());
        const own = snapshot.fish.find((f) => f.seat === this.seat);
        this.#seq = Math.max(this.#seq, own?.seq ?? 0); // after a reload the server knows more of our inputs than we do
        this.#prediction.correct(own?.alive ? own : null, snapshot.round);
        break;
      }
      case OP.roster:
        this.roster = json();
        this.dispatchEvent(new Event('roster'));
        break;
      case OP.echo:
        this.latency = Math.round(performance.now() - json().at);
        break;
      case OP.goodbye:
        this.dispatchEvent(new CustomEvent('notice', { detail: 'The server is going down. See you soon!' }));
    }
  }

  // frame moves the game on to now and returns what is to be drawn. input has keys, which are held or were pressed since the last
  // step, and taken(), which says that a step has used them.
  frame(now, input) {
    const shown = this.#timeline.look(now);
    if (!shown) return null;
    this.#step(now, input, shown.tick);
    const t = Math.min(1, 1 - (this.#next - now) / this.#tickMs);
    const own = this.#prediction.look(input.keys, t, now - this.#then);
    this.#then = now;
    return this.#scene(shown, own);
  }

  #step(now, input, view) {
    if (now - this.#next > MOST_STEPS * this.#tickMs) this.#next = now;
    const { phase, tick: newest } = this.#timeline.newest;
    const tick = Math.max(0, Math.min(newest, Math.floor(view))); // nobody has seen what has not come
    while (this.#next <= now) {
      this.#next += this.#tickMs;
      if (this.seat < 0 || phase === LOBBY || phase === MATCH_OVER) continue;
      const shot = this.#prediction.apply(++this.#seq, input.keys, tick);
      this.#socket.send(this.#id, OP.input, { s: this.#seq, k: input.keys, v: tick });
      input.taken();
      if (shot) this.#shots.fire({ ...shot, owner: this.seat }, tick);
    }
    if (now - this.#asked > ECHO_MS) {
      this.#asked = now;
      this.#socket.send(this.#id, OP.say, { at: now });
    }
  }

  // scene puts the past of the others and the present of the own fish into one picture.
  #scene({ tick, a, b, t }, own) {
    const { newest } = this.#timeline;
    const mine = newest.fish.find((f) => f.seat === this.seat);
    const fish = a.fish.filter((f) => f.seat !== this.seat).map((f) => ({ ...f, ...between(f, b.fish.find((g) => g.seat === f.seat), t) }));
    if (mine) fish.push(own ? { ...mine, ...own, me: true } : { ...mine, me: true });
    return {
      fish, items: a.items, sea: a.sea + (b.sea - a.sea) * Math.min(t, 1),
      shots: this.#shots.scene({ tick, a, b, t }, fish),
      phase: newest.phase, age: newest.age, round: newest.round, winner: newest.winner,
      freeze: Math.max(0, ...(own ? [own.freeze] : a.fish.map((f) => f.freeze ?? 0))),
    };
  }
}
