// A small client for servers that speak the protocol of Nakama: accounts, sessions and the HTTP API. For matches, the
// matchmaker and parties see socket.js. Nothing here knows the Fish Game; take both files along to yours.
//
//   const client = new Client({ key: 'defaultkey' });
//   await client.signInWithDevice(crypto.randomUUID());
//   console.log(client.session.username, await client.leaderboard('wins', { limit: 10 }));

const EARLY_MS = 10_000; // a token is renewed so long before it expires

// APIError is an answer other than 2xx: its HTTP status, the server's code, and its words.
export class APIError extends Error {
  constructor(status, { code = 0, message = `HTTP ${status}` } = {}) {
    super(message);
    this.name = 'APIError';
    this.status = status;
    this.code = code;
  }
}

// SessionExpired means that the player has to sign in again.
export class SessionExpired extends Error {
  constructor() {
    super('The session has expired');
    this.name = 'SessionExpired';
  }
}

// Session is who is signed in, and for how long.
export class Session {
  constructor(token, refreshToken) {
    this.token = token;
    this.refreshToken = refreshToken;
    const claims = payload(token);
    this.userID = claims.uid;
    this.username = claims.usn;
    this.expires = claims.exp * 1000; // ms since 1970
    this.refreshExpires = refreshToken ? payload(refreshToken).exp * 1000 : 0;
  }
}

export class Client {
  // session is who is signed in, null for nobody.
  session = null;
  // onsession is called with each new session, and with null at the end of one: the place to remember it.
  onsession = () => {};
  // again, if there is one, signs in anew when a session can no longer be renewed, and returns the session: then nothing ever fails
  // with SessionExpired unless that is refused.
  again = null;

  // base is the URL of the server.
  base;

  #key;
  #renewing = null;

  // key is the server key, base the URL of the server.
  constructor({ key, base = location.origin }) {
    this.#key = key;
    this.base = base;
  }

  // signInWithDevice signs in who has this id, 10 to 128 characters that nobody else knows. Unless create is false, an
  // account is made for a new id. It returns the session.
  signInWithDevice(id, { create = true, username } = {}) {
    return this.#signIn('device', { id }, create, username);
  }

  // signInWithEmail signs in by e-mail and password, of 8 characters or more; with create it makes the account.
  signInWithEmail(email, password, { create = false, username } = {}) {
    return this.#signIn('email', { email, password }, create, username);
  }

  // resume goes on with a session remembered from another visit. SessionExpired if it is too old.
  async resume(token, refreshToken) {
    this.session = new Session(token, refreshToken);
    await this.fresh();
    return this.session;
  }

  // fresh returns the session, renewed if it is about to expire, or if the server has refused this token. SessionExpired if that
  // cannot be done.
  async fresh(refused) {
    const { session } = this;
    if (session && session.expires - Date.now() > EARLY_MS && session.token !== refused) return session;
    this.#renewing ??= this.#renew().finally(() => (this.#renewing = null)); // once, however many wait for it
    return this.#renewing;
  }

  // signOut ends the session, here and on the server.
  async signOut() {
    const { session } = this;
    this.#remember(null);
    if (!session) return;
    const body = { token: session.token, refresh_token: session.refreshToken };
    await this.#fetch('POST', '/v2/session/logout', `Bearer ${session.token}`, body).catch(() => {}); // it expires anyway
  }

  // rpc calls a function of the server with a value and returns the one it answers.
  async rpc(id, value = {}) {
    const { payload } = await this.call('POST', `/v2/rpc/${encodeURIComponent(id)}`, JSON.stringify(value));
    return payload ? JSON.parse(payload) : null;
  }

  // leaderboard lists the best records of a board, and with owner that one's own row: { records, own }.
  async leaderboard(board, { limit = 10, owner } = {}) {
    const query = new URLSearchParams({ limit });
    if (owner) query.append('owner_ids', owner);
    const list = await this.call('GET', `/v2/leaderboard/${encodeURIComponent(board)}?${query}`);
    return { records: list.records ?? [], own: list.owner_records?.[0] ?? null };
  }

  // score writes a score to a board.
  score(board, score, subscore = 0) {
    const body = { score: String(score), subscore: String(subscore) };
    return this.call('POST', `/v2/leaderboard/${encodeURIComponent(board)}`, body);
  }

  // matches lists running matches whose label fits a query.
  async matches({ query, limit = 10, minSize = 0 } = {}) {
    const search = new URLSearchParams({ limit, authoritative: true, min_size: minSize });
    if (query) search.set('query', query);
    return (await this.call('GET', `/v2/match?${search}`)).matches ?? [];
  }

  // call sends any request of the API with the session, and returns what the answer holds.
  async call(method, path, body) {
    const { token } = await this.fresh();
    try {
      return await this.#fetch(method, path, `Bearer ${token}`, body);
    } catch (error) {
      if (error.status !== 401) throw error;
      const again = await this.fresh(token); // our clock is wrong, or the server has forgotten us
      return this.#fetch(method, path, `Bearer ${again.token}`, body);
    }
  }

  async #signIn(how, account, create, username) {
    const query = new URLSearchParams({ create });
    if (username) query.set('username', username);
    const reply = await this.#fetch('POST', `/v2/account/authenticate/${how}?${query}`, this.#basic(), account);
    return this.#remember(new Session(reply.token, reply.refresh_token));
  }

  async #renew() {
    try {
      if (!this.session || this.session.refreshExpires < Date.now()) throw new SessionExpired();
      const reply = await this.#fetch('POST', '/v2/account/session/refresh', this.#basic(), { token: this.session.refreshToken });
      return this.#remember(new Session(reply.token, reply.refresh_token));
    } catch (error) {
      if (!(error instanceof SessionExpired) && error.status !== 401) throw error; // no network: it may work later
    }
    this.#remember(null);
    try {
      if (this.again) return await this.again();
    } catch (error) {
      if (!(error instanceof APIError) || error.status >= 500) throw error;
      this.again = null; // the account is gone, or its password is another
    }
    throw new SessionExpired();
  }

  #remember(session) {
    this.session = session;
    this.onsession(session);
    return session;
  }

  #basic() {
    return `Basic ${btoa(`${this.#key}:`)}`;
  }

  async #fetch(method, path, authorization, body) {
    const response = await fetch(this.base + path, {
      method, headers: { Authorization: authorization, 'Content-Type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) throw new APIError(response.status, answer);
    return answer;
  }
}

// payload is what a token says. Only the server can check that it is true.
function payload(token) {
  const bytes = Uint8Array.from(atob(token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}
