// The ways into a match: the matchmaker, a private match and its code, and watching.

import { Authoritative } from './authoritative.js';
import { Relayed } from './relayed.js';

const GAME = 'fish_game_web';
const MOST_TRIES = 4;

export class Lobby {
  #client;
  #socket;
  #rules;
  #config;
  #search = null;

  constructor({ client, socket, rules, config }) {
    this.#client = client;
    this.#socket = socket;
    this.#rules = rules;
    this.#config = config;
  }

  // quick finds others to play with. In a match of the server a player who waits for long plays against bots. It returns the
  // game, or null if cancelled.
  async quick(mode) {
    await this.#socket.open();
    const strings = { game: GAME, mode };
    const query = `+properties.game:${GAME} +properties.mode:${mode}`;
    const patience = mode === 'authoritative' && this.#config.bots_after_ms;
    const found = this.#found(patience);
    found.catch(() => {}); // who adds the ticket hears of it too
    const ticket = await this.#socket.addToMatchmaker({ query, strings, min: 2, max: 4 });
    const matched = await found;
    if (matched === 'cancelled' || matched === 'alone') await this.#socket.removeFromMatchmaker(ticket).catch(() => {});
    if (matched === 'cancelled') return null;
    if (matched === 'alone') return this.#open();
    const { match_id: id, token, users } = matched;
    const first = users.map((u) => u.presence).sort((a, b) => (a.session_id < b.session_id ? -1 : 1));
    return this.#game(await this.#socket.joinMatch({ id, token }), { first });
  }

  // open joins a match that has not begun. Somebody else may be faster to its last seat.
  async #open() {
    for (let tries = 1; ; tries++) {
      try {
        return await this.join((await this.#client.rpc('quick_match')).match_id);
      } catch (error) {
        if (error.name !== 'SocketError' || tries === MOST_TRIES) throw error;
      }
    }
  }

  // cancel stops looking for others.
  cancel() {
    this.#search?.('cancelled');
  }

  // create makes a private match and returns the game, with a code to tell others.
  async create(mode) {
    await this.#socket.open();
    const match = mode === 'relayed' ? await this.#socket.createMatch()
      : await this.#socket.joinMatch({ id: (await this.#client.rpc('create_match', { private: true })).match_id });
    const game = this.#game(match);
    game.code = (await this.#client.rpc('share_match', { match_id: match.match_id })).code;
    return game;
  }

  // find joins the match of a code.
  async find(code) {
    return this.join((await this.#client.rpc('find_match', { code })).match_id);
  }

  async join(id) {
    await this.#socket.open();
    return this.#game(await this.#socket.joinMatch({ id }));
  }

  // watch shows a match to somebody who does not play.
  async watch(id) {
    await this.#socket.open();
    const match = await this.#socket.joinMatch({ id, metadata: { 'shoal.watch': 'true' } });
    return new Authoritative({ rules: this.#rules, socket: this.#socket, match });
  }

  // running lists matches that can be watched.
  async running() {
    const all = await this.#client.matches({ query: '+label.mode:fish +label.open:F', minSize: 1, limit: 5 });
    return all.map((m) => ({ id: m.match_id, fish: JSON.parse(m.label).players }));
  }

  // found waits for the matchmaker, for cancel, or until nobody has come for so long. A ticket does not outlive its connection.
  #found(patience) {
    return new Promise((resolve, reject) => {
      const over = new AbortController();
      const done = (settle, result) => {
        clearTimeout(timer);
        over.abort();
        this.#search = null;
        settle(result);
      };
      const timer = patience ? setTimeout(done, patience, resolve, 'alone') : 0;
      this.#socket.addEventListener('matched', ({ detail }) => done(resolve, detail), { signal: over.signal });
      this.#socket.addEventListener('lost', () => done(reject, new Error('The connection broke.')), { signal: over.signal });
      this.#search = (result) => done(resolve, result);
    });
  }

  #game(match, { first } = {}) {
    const parts = { rules: this.#rules, socket: this.#socket, match };
    if (match.authoritative) return new Authoritative({ ...parts, user: this.#client.session.userID });
    return new Relayed({ ...parts, first, wins: this.#config.wins, freeze: this.#config.freeze });
  }
}
