// One player: the official client with one account and one socket. The client is used as it comes; all that is added is
// what Node 20 lacks (a global WebSocket) and a record of what the socket pushes.

import { randomUUID } from 'node:crypto';
import { Client } from '@heroiclabs/nakama-js';
import { WebSocketAdapterPb } from '@heroiclabs/nakama-js-protobuf';
import { WebSocket } from 'ws';
import { Events } from './events.js';

globalThis.WebSocket = WebSocket;

// Tokens live for 60 seconds, as the specification has it. So the client refreshes before every call, which is one more
// thing to test, and warns every time, which is noise.
const warn = console.warn;
console.warn = (message, ...rest) => {
  if (!/lifetime too short/.test(message)) warn(message, ...rest);
};

export const SERVER_KEY = 'defaultkey';

// Each story is played over each of these: [format of the first player, format of the second].
export const wires = [
  { name: 'JSON', formats: ['json', 'json'] },
  { name: 'protobuf', formats: ['protobuf', 'protobuf'] },
  { name: 'JSON and protobuf', formats: ['json', 'protobuf'] },
];

export class Player {
  constructor(server, name, format = 'json') {
    const unique = randomUUID().slice(0, 8);
    this.username = `${name}-${unique}`;
    this.email = `${name}.${unique}@fish.example`;
    this.password = 'password-for-fish';
    this.format = format;
    this.events = new Events(this.username);
    this.client = new Client(SERVER_KEY, server.host, server.port);
  }

  // The same person on a server that was started again, signed in again.
  static async back(server, before) {
    const player = new Player(server, 'back', before.format);
    Object.assign(player, { username: before.username, email: before.email, password: before.password });
    player.session = await player.client.authenticateEmail(player.email, player.password, false);
    return player;
  }

  // Two players who signed up and opened their sockets.
  static async pair(t, server, [first, second]) {
    return Promise.all([Player.online(t, server, 'ann', first), Player.online(t, server, 'bob', second)]);
  }

  static async online(t, server, name, format, options) {
    const player = new Player(server, name, format);
    await player.signUp();
    await player.connect(options);
    t.after(() => player.socket.disconnect(false));
    return player;
  }

  async signUp() {
    this.session = await this.client.authenticateEmail(this.email, this.password, true, this.username);
  }

  // connect opens the socket. With online, those who follow the player see it.
  async connect({ online = false } = {}) {
    const adapter = this.format === 'protobuf' ? new WebSocketAdapterPb() : undefined;
    this.socket = this.client.createSocket(false, false, adapter);
    this.socket.onmatchdata = (m) => this.events.push('data', m);
    this.socket.onmatchpresence = (m) => this.events.push('presence', m);
    this.socket.onmatchmakermatched = (m) => this.events.push('matched', m);
    this.socket.onparty = (m) => this.events.push('party', m);
    this.socket.onpartypresence = (m) => this.events.push('party presence', m);
    this.socket.onpartyleader = (m) => this.events.push('party leader', m);
    this.socket.onpartyjoinrequest = (m) => this.events.push('party request', m);
    this.socket.onpartydata = (m) => this.events.push('party data', m);
    this.socket.onpartymatchmakerticket = (m) => this.events.push('party ticket', m);
    this.socket.onpartyclose = (m) => this.events.push('party closed', m);
    this.socket.onstreamdata = (m) => this.events.push('stream data', m);
    this.socket.onstreampresence = (m) => this.events.push('stream presence', m);
    this.socket.onnotification = (m) => this.events.push('notification', m);
    this.socket.onstatuspresence = (m) => this.events.push('status', m);
    this.socket.ondisconnect = (close) => {
      this.events.push('closed', { code: close.code, reason: close.reason, clean: close.wasClean });
    };
    await this.socket.connect(this.session, online).catch((event) => {
      throw new Error(`the socket of ${this.username} did not open: ${event.message ?? event}`);
    });
  }

  get userID() {
    return this.session.user_id;
  }

  // join remembers the session id that the reply names, by which others know this player.
  async join(id, token) {
    const match = await this.socket.joinMatch(id, token);
    this.sessionID = match.self.session_id;
    return match;
  }

  sees(what, who) {
    return this.events.next('presence', (e) => (e[what] ?? []).some((p) => p.session_id === who.sessionID), {
      what: `${who.username} in the ${what} of a presence event`,
    });
  }
}

// text decodes what a match sent.
export function text(data) {
  return new TextDecoder().decode(data.data);
}

// refused waits for a call that the server turns down over HTTP, and returns the status and the body.
export async function refused(call) {
  const response = await call.then(
    () => {
      throw new Error('the server accepted what it should refuse');
    },
    (reason) => reason,
  );
  if (!(response instanceof Response)) throw response;
  return { status: response.status, body: await response.json() };
}
