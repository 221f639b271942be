// The same match without a server that knows the game: every page moves its own fish and tells the others through the relay.
// The host, who is the first player still there, decides what needs one answer: rounds, who gets an item, who has won. Whether
// a fish is hit is decided where it lives.

import { BLASTER, bumps, fish, fly, reaches, sea, step, strikes, URCHIN } from './sim.js';
import { between, Timeline } from './timeline.js';
import { FIGHT, LOBBY, MATCH_OVER, ROUND_OVER } from './authoritative.js';

// Op codes between the pages.
const OP = { state: 101, shot: 102, died: 103, ready: 104, roster: 105, items: 106, want: 107, give: 108, hello: 109, bye: 110 };

const SEATS = 4, MIN_PLAYERS = 2;
const PAUSE_TICKS = 75; // between two rounds
const VERDICT_TICKS = 8; // the host waits so long for the last words of the others
const ALONE_TICKS = 600; // for which who is alone waits for the others to come back
const MOST_STEPS = 6, MOST_HIDDEN = 45; // at once, after a pause; browsers let a hidden page run once a second

export class Relayed extends EventTarget {
  kind = 'relayed';
  latency = null;
  corrections = []; // there is nobody to correct the own fish
  roster = { phase: LOBBY, round: 0, wins: 5, winner: -1, ranked: true, players: [null, null, null, null] };

  #rules;
  #socket;
  #id;
  #me; // our presence
  #present = new Map(); // presences by session, ours too
  #lines = new Map(); // timelines of the others, by user
  #dead = new Set(); // seats
  #fish = null;
  #shots = [];
  #items = [];
  #asked = new Set(); // ids of items that we want
  #bumped = new Set(); // users whose present dash has pushed us
  #hurt = 0;
  #seq = 0;
  #age = 0; // ticks since the round began
  #since = 0; // ticks since the phase began
  #next = 0;
  #verdict = 0; // ticks for which at most one fish has been alive
  #alone = 0; // ticks for which the others have been away
  #freeze;
  #tickMs;
  #stop = [];
  #behind = false; // we were cut off, and have not heard yet what the others have done since

  // match is what createMatch or joinMatch returned; first are the users whom the matchmaker brought together, in an order
  // that all pages see alike.
  constructor({ rules, socket, match, wins, freeze, first }) {
    super();
    this.#rules = rules;
    this.#socket = socket;
    this.#id = match.match_id;
    this.#me = match.self;
    this.#tickMs = 1000 / rules.tick_rate;
    this.#freeze = freeze ?? rules.freeze;
    this.roster.wins = wins;
    for (const p of [match.self, ...(match.presences ?? [])]) this.#present.set(p.session_id, p);
    const on = (type, what) => {
      const listen = ({ detail }) => (detail.matchID ?? this.#id) === this.#id && what(detail);
      socket.addEventListener(type, listen);
      this.#stop.push(() => socket.removeEventListener(type, listen));
    };
    on('data', (m) => this.#receive(m));
    on('presence', (e) => this.#changed(e));
    on('lost', () => (this.#behind = true));
    on('back', ({ matches }) => this.#returned(matches.find((m) => m.match_id === this.#id)));
    if (first) {
      for (const p of first) this.#seat(p);
      this.#mark();
    }
    if (!first && this.#present.size === 1) this.#seat(match.self);
    if (!first && this.#present.size > 1) this.#send(OP.hello, {});
  }

  get matchID() {
    return this.#id;
  }

  get seat() {
    return this.roster.players.findIndex((p) => p?.id === this.#me.user_id);
  }

  // hosting says whether we are the host: the first player who is still there, and knows how things stand.
  get hosting() {
    if (this.#behind) return false;
    const there = new Set([...this.#present.values()].map((p) => p.user_id));
    return this.roster.players.find((p) => p && there.has(p.id))?.id === this.#me.user_id;
  }

  ready() {
    this.#send(OP.ready, {});
    this.#isReady(this.#me.user_id);
  }

  async leave() {
    this.#send(OP.bye, {});
    for (const stop of this.#stop) stop();
    await this.#socket.leaveMatch(this.#id).catch(() => {}); // it is over, or the connection is
  }

  frame(now, input) {
    if (now - this.#next > (document.hidden ? MOST_HIDDEN : MOST_STEPS) * this.#tickMs) this.#next = now;
    while (this.#next <= now) {
      this.#next += this.#tickMs;
      this.#step(input);
      input.taken();
    }
    return this.#scene(now, Math.min(1, 1 - (this.#next - now) / this.#tickMs), input.keys);
  }

  // --- what the host decides

  #seat(presence) {
    const { players } = this.roster;
    if (players.some((p) => p?.id === presence.user_id)) return;
    const free = players.indexOf(null);
    if (free >= 0) players[free] = { id: presence.user_id, name: presence.username, ready: false, away: false, wins: 0 };
  }

  // tellRoster sends the roster. Who was the host until now has the last word on it.
  #tellRoster(hosted = false) {
    if (hosted || this.hosting) this.#send(OP.roster, { ...this.roster, freeze: this.#freeze, age: this.#age, dead: [...this.#dead] });
    this.dispatchEvent(new Event('roster'));
  }

  #isReady(user) {
    const player = this.roster.players.find((p) => p?.id === user);
    if (player) player.ready = true;
    if (this.hosting) this.#begin();
    this.#tellRoster();
  }

  #begin() {
    const players = this.roster.players.filter((p) => p && !p.away);
    if (this.#fighting || !players.every((p) => p.ready)) return;
    if (players.length < MIN_PLAYERS) return this.roster.phase === MATCH_OVER && this.#enter(LOBBY); // where others may come
    for (const p of players) p.wins = 0;
    this.#enter(FIGHT, { round: 1, winner: -1 });
  }

  get #fighting() {
    return this.roster.phase === FIGHT || this.roster.phase === ROUND_OVER;
  }

  #enter(phase, change = {}) {
    const fought = this.#fighting;
    Object.assign(this.roster, { phase, ...change });
    this.#entered(fought);
    this.#tellRoster();
  }

  // host runs once a tick on the host's page.
  #host() {
    const { phase, players } = this.roster;
    const there = players.filter((p) => p && !p.away).length;
    this.#alone = this.#fighting && there < MIN_PLAYERS ? this.#alone + 1 : 0;
    if (this.#alone > ALONE_TICKS) return this.#finish(this.seat);
    if (phase === FIGHT) {
      const alive = players.flatMap((p, i) => (p && !p.away && !this.#dead.has(i) ? [i] : []));
      this.#verdict = alive.length > 1 ? 0 : this.#verdict + 1;
      if (this.#verdict > VERDICT_TICKS) return this.#decide(alive[0] ?? -1);
      if (this.#age % this.#rules.item_every === this.#freeze % this.#rules.item_every) this.#dropItem();
    } else if (phase === ROUND_OVER && this.#since > PAUSE_TICKS && there >= MIN_PLAYERS) {
      this.#enter(FIGHT, { round: this.roster.round + 1, winner: -1 });
    }
  }

  #decide(winner) {
    this.#verdict = 0;
    const player = this.roster.players[winner];
    if (player) player.wins++;
    if (!player || player.wins < this.roster.wins) return this.#enter(ROUND_OVER, { winner });
    this.#finish(winner);
  }

  // finish ends the match: this one has won it.
  #finish(winner) {
    for (const p of this.roster.players) if (p) p.ready = false;
    this.#enter(MATCH_OVER, { winner });
  }

  // gone takes the seat of a player who does not come back. Who stays when all others have gone has won, whatever the rounds won.
  #gone(user) {
    const { players } = this.roster, seat = players.findIndex((p) => p?.id === user);
    if (seat < 0) return;
    const hosted = this.hosting;
    players[seat] = null;
    if (this.hosting && this.#fighting && players.filter(Boolean).length < MIN_PLAYERS) this.#finish(this.seat);
    else this.#tellRoster(hosted);
  }

  #dropItem() {
    const at = this.#rules.item_spawns[Math.floor(Math.random() * this.#rules.item_spawns.length)];
    if (this.#items.length >= this.#rules.items || this.#items.some((i) => i.x === at.x && i.y === at.y)) return;
    this.#items.push({ id: `${this.roster.round}.${this.#age}`, kind: Math.random() < 0.5 ? URCHIN : BLASTER, ...at });
    this.#send(OP.items, this.#items);
  }

  // grant gives an item to the first who asks for it.
  #grant(user, id) {
    const item = this.#items.find((i) => i.id === id);
    if (!item) return;
    this.#items = this.#items.filter((i) => i !== item);
    this.#send(OP.give, { user, kind: item.kind, items: this.#items });
    this.#given({ user, kind: item.kind, items: this.#items });
  }

  // --- what each page does for its own fish

  // entered begins a phase; fought says whether a fight was on before it: to come back to a match that is over is no win.
  #entered(fought) {
    const { phase, players } = this.roster;
    this.#since = 0;
    if (fought && phase === MATCH_OVER && this.roster.winner === this.seat) this.dispatchEvent(new Event('won'));
    if (phase !== FIGHT) return;
    this.#age = 0;
    this.#verdict = 0;
    this.#shots = [];
    this.#items = [];
    this.#asked.clear();
    this.#dead = new Set(players.flatMap((p, i) => (p && !p.away ? [] : [i])));
    const at = this.#rules.spawns[this.seat];
    this.#fish = at ? fish({ ...at, face: at.x > this.#rules.width / 2 ? -1 : 1, freeze: this.#freeze }) : null;
  }

  #step(input) {
    this.#age++;
    this.#since++;
    if (this.hosting) this.#host();
    if (!this.#fighting) return;
    if (this.#fish && !this.#dead.has(this.seat)) this.#play(input);
    this.#shots = this.#shots.filter((s) => {
      if (!fly(this.#rules, s)) return false;
      const hit = this.#others(performance.now()).some((f) => f.seat !== s.owner && f.alive && strikes(this.#rules, s, f));
      if (!this.#alive() || s.owner === this.seat || !strikes(this.#rules, s, this.#fish)) return !hit;
      this.#die();
      return false;
    });
  }

  #play(input) {
    const shot = step(this.#rules, this.#fish, ++this.#seq, input.keys);
    if (shot) {
      shot.owner = this.seat;
      shot.id = `${this.seat}.${shot.seq}`;
      this.#shots.push(shot);
      this.#send(OP.shot, shot);
    }
    this.#pushed();
    for (const item of this.#items) {
      if (this.#fish.item || this.#asked.has(item.id) || !reaches(this.#rules, this.#fish, item)) continue;
      this.#asked.add(item.id);
      if (this.hosting) this.#grant(this.#me.user_id, item.id);
      else this.#send(OP.want, { id: item.id });
    }
    if (this.#fish.y > sea(this.#rules, this.#age)) this.#die();
    this.#send(OP.state, { tick: this.#seq, hurt: this.#hurt, round: this.roster.round, alive: this.#alive(), fish: this.#fish });
  }

  // pushed knocks the own fish away from those that dash into it.
  #pushed() {
    for (const other of this.#others(performance.now())) {
      if (!other.alive || !other.dash) this.#bumped.delete(other.seat);
      else if (!this.#bumped.has(other.seat) && bumps(this.#rules, this.#fish, other)) {
        this.#bumped.add(other.seat);
        this.#hurt++;
        this.#fish.pushes.push({ at: this.#seq + 1, vx: other.face * this.#rules.push, vy: -this.#rules.push_up });
      }
    }
  }

  #alive() {
    return this.#fish !== null && !this.#dead.has(this.seat);
  }

  #die() {
    if (this.roster.phase !== FIGHT) return;
    this.#dead.add(this.seat);
    this.#send(OP.died, { seat: this.seat, round: this.roster.round });
  }

  // --- what the others tell

  #send(op, value) {
    this.#socket.send(this.#id, op, value);
  }

  // returned goes on after a cut: who is there now may not be who was there. The host in our absence sends the roster.
  #returned(match) {
    if (!match) return;
    this.#me = match.self;
    this.#present = new Map([match.self, ...(match.presences ?? [])].map((p) => [p.session_id, p]));
    this.#behind = this.#present.size > 1;
    if (!this.#behind) this.#changed({ joins: [], leaves: [] });
  }

  #changed({ joins, leaves }) {
    const hosted = this.hosting;
    for (const p of leaves) this.#present.delete(p.session_id);
    for (const p of joins) {
      this.#present.set(p.session_id, p);
      this.#lines.delete(p.user_id); // a page that was loaded again counts from the start
    }
    if (!hosted && !this.hosting) return this.dispatchEvent(new Event('roster'));
    const { players } = this.roster;
    this.#mark();
    players.forEach((p, i) => {
      if (p?.away && !this.#fighting && leaves.some((l) => l.user_id === p.id)) players[i] = null;
    });
    if (!this.#fighting) for (const p of this.#present.values()) this.#seat(p);
    this.#tellRoster(hosted);
  }

  // mark notes who is away, or has not come yet.
  #mark() {
    const there = new Set([...this.#present.values()].map((p) => p.user_id));
    for (const p of this.roster.players) if (p) p.away = !there.has(p.id);
  }

  #receive({ op, from, json }) {
    const message = json();
    const user = from?.user_id;
    const handlers = {
      [OP.state]: () => this.#line(user).add(message, performance.now()),
      [OP.shot]: () => this.#shots.push(message),
      [OP.died]: () => message.round === this.roster.round && this.#dead.add(message.seat),
      [OP.ready]: () => this.#isReady(user),
      [OP.roster]: () => this.#adopt(message),
      [OP.items]: () => (this.#items = message),
      [OP.want]: () => this.hosting && this.#grant(user, message.id),
      [OP.give]: () => this.#given(message),
      [OP.bye]: () => this.#gone(user),
      [OP.hello]: () => this.hosting && this.#changed({ joins: [from], leaves: [] }),
    };
    handlers[op]?.();
  }

  #adopt({ freeze, age, dead, ...roster }) {
    const { phase, round } = this.roster, fought = this.#fighting;
    this.roster = roster;
    this.#behind = false;
    this.#freeze = freeze;
    if (phase !== roster.phase || round !== roster.round) {
      this.#entered(fought);
      this.#age = age;
    }
    for (const seat of dead) this.#dead.add(seat);
    this.dispatchEvent(new Event('roster'));
  }

  #given({ user, kind, items }) {
    this.#items = items;
    if (user === this.#me.user_id && this.#fish) Object.assign(this.#fish, { item: kind, ammo: kind === BLASTER ? this.#rules.blaster_ammo : 0 });
  }

  #line(user) {
    if (!this.#lines.has(user)) this.#lines.set(user, new Timeline(this.#tickMs));
    return this.#lines.get(user);
  }

  // --- what is to be drawn

  #others(now) {
    return this.roster.players.flatMap((p, seat) => {
      if (!p || p.id === this.#me.user_id) return [];
      const shown = this.#line(p.id).look(now);
      if (!shown || shown.a.round !== this.roster.round) {
        return [{ ...fish(this.#rules.spawns[seat]), face: this.#rules.spawns[seat].x > this.#rules.width / 2 ? -1 : 1, seat, alive: !this.#dead.has(seat) }];
      }
      const { a, b, t } = shown;
      return [{ ...a.fish, ...between(a.fish, b.fish, t), hurt: a.hurt, seat, alive: !this.#dead.has(seat) }];
    });
  }

  #scene(now, t, keys) {
    const { phase, round, winner } = this.roster;
    const all = phase === LOBBY ? [] : this.#others(now);
    if (this.#fish && phase !== LOBBY) all.push({ ...this.#ahead(t, keys), seat: this.seat, hurt: this.#hurt, alive: this.#alive(), me: true });
    const shots = this.#shots.map((s) => ({ ...s, x: s.x + s.vx * t, y: s.y + s.vy * t }));
    const level = this.#fighting ? sea(this.#rules, this.#age) : this.#rules.water;
    return { fish: all, items: this.#items, shots, sea: level, phase, age: this.#since, round, winner, freeze: this.#fish?.freeze ?? 0 };
  }

  // ahead is the own fish a part of the way into the next step.
  #ahead(t, keys) {
    const next = fish(this.#fish);
    if (this.#alive()) step(this.#rules, next, this.#seq + 1, keys);
    return { ...next, x: this.#fish.x + (next.x - this.#fish.x) * t, y: this.#fish.y + (next.y - this.#fish.y) * t };
  }
}
