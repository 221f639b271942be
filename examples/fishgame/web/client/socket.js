// The realtime half of the client: matches, the matchmaker and parties over one WebSocket, which reconnects by itself.
//
//   const socket = new Socket(client);
//   socket.addEventListener('data', ({ detail }) => console.log(detail.op, detail.json()));
//   await socket.open();
//   const match = await socket.joinMatch({ id });
//   socket.send(match.match_id, 1, { hello: 'world' });
//
// Events, with what they tell in detail:
//   data      { matchID, op, from, json() }      a message of a match; from is null for the server's own
//   presence  { matchID, joins, leaves }         who came and went
//   matched   { match_id or token, users, self } the matchmaker found a group
//   party     { kind, ... }                      what a party tells: kind is its name on the wire, such as party_presence_event
//   lost      {}                                 the connection broke; the socket tries to reconnect
//   back      { matches, failed }                it is open again; matches are those joined again, as joinMatch returns them,
//                                                failed the ids of those that were not
//   closed    { error }                          it is closed for good; error says why unless close() did it

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 4_000;
const GIVE_UP_MS = 30_000;
const REPLY_MS = 10_000;
const PULSE_MS = 3_000; // how often the connection is tried
const SILENCE_MS = 5_000; // after which it is given up

// SocketError is an error that the server answered: its code and its words.
export class SocketError extends Error {
  constructor({ code, message }) {
    super(message);
    this.name = 'SocketError';
    this.code = code;
  }
}

export class Socket extends EventTarget {
  #client;
  #ws = null;
  #closing = false;
  #lastID = 0;
  #refused; // the token with which the last attempt to connect failed
  #pulse;
  #waiting = new Map(); // by cid: { resolve, reject, timer }
  #matches = new Map(); // by id: the metadata with which it was joined

  constructor(client) {
    super();
    this.#client = client;
  }

  get connected() {
    return this.#ws?.readyState === WebSocket.OPEN;
  }

  // open connects. It does nothing while there is a connection.
  async open() {
    this.#closing = false;
    if (!this.connected) await this.#connect();
  }

  // close ends the connection and all that depends on it.
  close() {
    this.#closing = true;
    this.#matches.clear();
    this.#ws?.close(1000);
  }

  // createMatch makes a relayed match. It returns the match: match_id, self, presences.
  async createMatch() {
    return this.#entered((await this.request({ match_create: {} })).match);
  }

  // joinMatch enters a match by its id or by the token of the matchmaker. After a loss of the connection the socket enters it
  // again: if the server has held the seat, the player is back in it.
  async joinMatch({ id, token, metadata }) {
    const join = token ? { token } : { match_id: id };
    return this.#entered((await this.request({ match_join: { ...join, metadata } })).match, metadata);
  }

  leaveMatch(id) {
    this.#matches.delete(id);
    return this.request({ match_leave: { match_id: id } });
  }

  // send sends a value to a match, without waiting. To, if given, are the presences that shall get it. It is lost while
  // there is no connection.
  send(matchID, op, value, to) {
    if (!this.connected) return;
    const data = encode(JSON.stringify(value));
    this.#ws.send(JSON.stringify({ match_data_send: { match_id: matchID, op_code: String(op), data, presences: to, reliable: true } }));
  }

  // addToMatchmaker waits for others. It returns the ticket; the event matched follows.
  async addToMatchmaker({ query = '*', min = 2, max = 4, strings = {}, numbers = {} }) {
    const reply = await this.request({
      matchmaker_add: { query, min_count: min, max_count: max, string_properties: strings, numeric_properties: numbers },
    });
    return reply.matchmaker_ticket.ticket;
  }

  removeFromMatchmaker(ticket) {
    return this.request({ matchmaker_remove: { ticket } });
  }

  // createParty makes a party that anybody can join if it is open. It returns the party: party_id, leader, presences.
  async createParty({ open = true, max = 4 } = {}) {
    return (await this.request({ party_create: { open, max_size: max } })).party;
  }

  joinParty(id) {
    return this.request({ party_join: { party_id: id } });
  }

  leaveParty(id) {
    return this.request({ party_leave: { party_id: id } });
  }

  sendToParty(id, op, value) {
    const data = encode(JSON.stringify(value));
    return this.request({ party_data_send: { party_id: id, op_code: String(op), data } });
  }

  // addPartyToMatchmaker waits with all members; its leader asks for it.
  async addPartyToMatchmaker(id, { query = '*', min = 2, max = 4, strings = {}, numbers = {} }) {
    const reply = await this.request({
      party_matchmaker_add: {
        party_id: id, query, min_count: min, max_count: max, string_properties: strings, numeric_properties: numbers,
      },
    });
    return reply.party_matchmaker_ticket.ticket;
  }

  // request sends an envelope and waits for the answer to it.
  request(envelope) {
    return new Promise((resolve, reject) => {
      if (!this.connected) return reject(new Error('There is no connection'));
      const cid = String(++this.#lastID);
      const timer = setTimeout(() => this.#settle(cid, (w) => w.reject(new Error('The server does not answer'))), REPLY_MS);
      this.#waiting.set(cid, { resolve, reject, timer });
      this.#ws.send(JSON.stringify({ cid, ...envelope }));
    });
  }

  async #connect() {
    const { token } = await this.#client.fresh(this.#refused);
    const url = new URL('/ws', this.#client.base);
    url.protocol = url.protocol.replace('http', 'ws');
    url.search = new URLSearchParams({ lang: 'en', status: false, token });
    const ws = new WebSocket(url);
    await new Promise((resolve, reject) => {
      ws.onopen = resolve;
      ws.onclose = () => reject(new Error('The server cannot be reached'));
    }).catch((error) => {
      this.#refused = token; // a browser does not tell why: it may be this
      throw error;
    });
    this.#refused = undefined;
    ws.onclose = () => this.#lost();
    ws.onmessage = (event) => this.#receive(JSON.parse(event.data));
    this.#ws = ws;
    this.#pulse = setInterval(() => this.#feel(ws), PULSE_MS);
  }

  // feel asks the server whether it is still there: a broken network does not tell.
  async #feel(ws) {
    const silent = setTimeout(() => ws === this.#ws && this.#lost(), SILENCE_MS);
    await this.request({ ping: {} }).catch(() => {});
    clearTimeout(silent);
  }

  #lost() {
    clearInterval(this.#pulse);
    if (this.#ws) this.#ws.onclose = this.#ws.onmessage = null;
    this.#ws?.close();
    this.#ws = null;
    for (const cid of [...this.#waiting.keys()]) this.#settle(cid, (w) => w.reject(new Error('The connection broke')));
    if (this.#closing) return this.#tell('closed', {});
    this.#tell('lost', {});
    this.#reconnect();
  }

  // reconnect tries again with growing pauses, and then enters the matches again.
  async #reconnect() {
    const until = Date.now() + GIVE_UP_MS;
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
      await new Promise((resolve) => setTimeout(resolve, wait * (0.5 + Math.random() / 2)));
      if (this.#closing) return this.#tell('closed', {});
      try {
        await this.#connect();
        break;
      } catch (error) {
        if (error.name === 'SessionExpired' || Date.now() > until) return this.#tell('closed', { error });
      }
    }
    const matches = [], failed = [];
    for (const [id, metadata] of [...this.#matches]) {
      try {
        matches.push(await this.joinMatch({ id, metadata }));
      } catch {
        if (!this.connected) return; // broken again, and so tried again
        this.#matches.delete(id);
        failed.push(id);
      }
    }
    if (this.connected) this.#tell('back', { matches, failed });
  }

  #entered(match, metadata) {
    this.#matches.set(match.match_id, metadata);
    return match;
  }

  #settle(cid, how) {
    const waiting = this.#waiting.get(cid);
    if (!waiting) return;
    clearTimeout(waiting.timer);
    this.#waiting.delete(cid);
    how(waiting);
  }

  #receive(envelope) {
    if (envelope.cid) {
      return this.#settle(envelope.cid, (w) => (envelope.error ? w.reject(new SocketError(envelope.error)) : w.resolve(envelope)));
    }
    if (envelope.match_data) {
      const { match_id: matchID, op_code, presence, data = '' } = envelope.match_data;
      return this.#tell('data', { matchID, op: Number(op_code ?? 0), from: presence ?? null, json: () => JSON.parse(decode(data)) });
    }
    if (envelope.match_presence_event) {
      const { match_id: matchID, joins = [], leaves = [] } = envelope.match_presence_event;
      return this.#tell('presence', { matchID, joins, leaves });
    }
    if (envelope.matchmaker_matched) return this.#tell('matched', envelope.matchmaker_matched);
    for (const [kind, detail] of Object.entries(envelope)) {
      if (kind.startsWith('party')) this.#tell('party', { kind, ...detail });
    }
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

// On the wire, data is base64 of bytes.
const encode = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
const decode = (data) => new TextDecoder().decode(Uint8Array.from(atob(data), (c) => c.charCodeAt(0)));
