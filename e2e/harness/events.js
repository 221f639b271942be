// What a socket pushed, in the order it came, and a way to wait for it. Nothing here sleeps: a wait ends with its event,
// or fails with everything that came instead.

const PATIENCE_MS = 60_000;

export class Events {
  #seen = [];
  #waits = new Set();
  #owner;

  constructor(owner) {
    this.#owner = owner;
  }

  push(kind, value) {
    const event = { kind, value, index: this.#seen.length };
    this.#seen.push(event);
    for (const wait of this.#waits) wait(event);
  }

  // All events of a kind so far for which accept says yes.
  all(kind, accept = () => true) {
    return this.#seen.filter((e) => e.kind === kind && accept(e.value)).map((e) => e.value);
  }

  // The first event of a kind for which accept says yes, whether it has come already or is still to come.
  async next(kind, accept = () => true, { what = kind, ms = PATIENCE_MS } = {}) {
    const [event] = await this.take(1, kind, accept, { what, ms });
    return event;
  }

  // The first count such events, each as {kind, value, index}.
  take(count, kind, accept = () => true, { what = kind, ms = PATIENCE_MS } = {}) {
    const found = this.#seen.filter((e) => e.kind === kind && accept(e.value)).slice(0, count);
    if (found.length === count) return Promise.resolve(found);

    return new Promise((resolve, reject) => {
      const done = () => {
        clearTimeout(timer);
        this.#waits.delete(look);
      };
      const look = (event) => {
        if (event.kind !== kind || !accept(event.value)) return;
        found.push(event);
        if (found.length === count) {
          done();
          resolve(found);
        }
      };
      const timer = setTimeout(() => {
        done();
        reject(new Error(`${this.#owner} waited ${ms} ms for ${what}: ${found.length} of ${count} came\n${this.#tail()}`));
      }, ms);
      this.#waits.add(look);
    });
  }

  #tail() {
    const lines = this.#seen.slice(-20).map((e) => `  ${e.index} ${e.kind} ${describe(e.value)}`);
    return lines.length === 0 ? 'nothing came at all' : `the last of ${this.#seen.length} events:\n${lines.join('\n')}`;
  }
}

function describe(value) {
  return JSON.stringify(value, (_, v) => (v instanceof Uint8Array ? new TextDecoder().decode(v) : v))?.slice(0, 300);
}
