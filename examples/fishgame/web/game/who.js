// Who plays: guests by an id that this browser keeps, others by e-mail and password; remembered from visit to visit, and
// signed in again when a session has expired.

import { Client, SessionExpired } from '../client/client.js';

const SESSION = 'fishgame.session', DEVICE = 'fishgame.device', GUEST = 'fishgame.guest';

export class Who {
  client;

  #expired; // called before signing in again
  #store = sessionStorage;
  #guest = false;

  // expired is called when the session has expired and this signs in again as before.
  constructor(key, expired) {
    this.#expired = expired;
    this.client = new Client({ key });
    this.client.onsession = (session) => this.#keep(session);
  }

  get user() {
    return this.client.session?.userID;
  }

  // resume goes on as who was here last. It reports whether there was anybody. SessionExpired if that is too long ago.
  async resume() {
    let late = null;
    for (const store of [sessionStorage, localStorage]) {
      const saved = store.getItem(SESSION);
      if (!saved) continue;
      const { token, refresh, guest } = JSON.parse(saved);
      if (guest && store === localStorage) continue; // another tab may be this guest
      this.#store = store;
      this.#guest = guest;
      if (guest) this.#onceMore(() => this.guest());
      try {
        await this.client.resume(token, refresh);
        return true;
      } catch (error) {
        if (!(error instanceof SessionExpired)) throw error;
        late = error;
      }
    }
    if (late) throw late;
    return false;
  }

  async guest(name) {
    this.#store = sessionStorage;
    this.#guest = true;
    const id = await device();
    const session = await this.client.signInWithDevice(id, { username: name || `fish-${id.slice(0, 6)}` });
    this.#onceMore(() => this.guest());
    return session;
  }

  async email(email, password, { create, name, remember }) {
    this.#store = remember ? localStorage : sessionStorage;
    this.#guest = false;
    const session = await this.client.signInWithEmail(email, password, { create, username: name });
    this.#onceMore(() => this.client.signInWithEmail(email, password));
    return session;
  }

  async signOut() {
    this.client.again = null;
    await this.client.signOut();
    localStorage.removeItem(SESSION);
    sessionStorage.removeItem(SESSION);
  }

  #onceMore(signIn) {
    this.client.again = () => {
      this.#expired();
      return signIn();
    };
  }

  #keep(session) {
    if (!session) return this.#store.removeItem(SESSION);
    this.#store.setItem(SESSION, JSON.stringify({ token: session.token, refresh: session.refreshToken, guest: this.#guest }));
  }
}

// device is the id of this browser, or of this tab if another tab is already using that: two tabs are two fish.
async function device() {
  const own = sessionStorage.getItem(GUEST);
  if (own) return own;
  let id = localStorage.getItem(DEVICE) ?? unique();
  if (!(await first())) id = unique();
  else localStorage.setItem(DEVICE, id);
  sessionStorage.setItem(GUEST, id);
  return id;
}

// first reports whether no other tab is the guest of this browser, and from then on this one is.
function first() {
  if (!navigator.locks) return Promise.resolve(true);
  return new Promise((resolve) => {
    navigator.locks.request(DEVICE, { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      return lock && new Promise(() => {}); // held as long as the tab is open
    });
  });
}

// unique is an id nobody guesses; randomUUID would need https.
const unique = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, '0')).join('');
