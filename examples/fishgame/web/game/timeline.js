// What the network delivers in fits and starts, shown smoothly: a line of snapshots and a clock that walks along it a
// little in the past, just far enough that the next snapshot has nearly always come.

const KEPT = 90; // snapshots
const SAMPLES = 60; // of how late snapshots come
const LEAST = 1.5, MOST = 12; // ticks in the past
const FAR = 12; // ticks after which the clock jumps instead of hurrying

export class Timeline {
  #snapshots = [];
  #lateness = []; // of the last snapshots: when they came minus when they were made, in ticks; only differences mean something
  #clock = null; // the tick that is shown
  #then = 0;
  #tickMs;

  constructor(tickMs) {
    this.#tickMs = tickMs;
  }

  get newest() {
    return this.#snapshots.at(-1) ?? null;
  }

  // add takes a snapshot, which has its tick, as it comes.
  add(snapshot, now) {
    if (this.newest && snapshot.tick <= this.newest.tick) return;
    this.#snapshots.push(snapshot);
    if (this.#snapshots.length > KEPT) this.#snapshots.shift();
    this.#lateness.push(now / this.#tickMs - snapshot.tick);
    if (this.#lateness.length > SAMPLES) this.#lateness.shift();
  }

  // restart forgets what is shown, after a pause.
  restart() {
    this.#snapshots = this.#snapshots.slice(-1);
    this.#lateness = [];
    this.#clock = null;
  }

  // look moves the clock on to now and returns what is to be shown: { tick, a, b, t }, where the moment lies between the
  // snapshots a and b, at the part t of the way. null as long as there is nothing.
  look(now) {
    if (!this.newest) return null;
    const sorted = [...this.#lateness].sort((x, y) => x - y);
    const usual = sorted[Math.floor(sorted.length * 0.95)] ?? 0; // how late nearly all have been
    const goal = now / this.#tickMs - Math.min(usual + LEAST, (sorted[0] ?? 0) + MOST);
    const passed = (now - this.#then) / this.#tickMs;
    this.#then = now;
    if (this.#clock === null || Math.abs(goal - this.#clock) > FAR) this.#clock = goal;
    else this.#clock += passed * (1 + Math.max(-0.1, Math.min(0.1, (goal - this.#clock - passed) * 0.1)));
    const tick = Math.min(this.#clock, this.newest.tick + 2);
    let i = this.#snapshots.length - 1;
    while (i > 0 && this.#snapshots[i].tick > tick) i--;
    const a = this.#snapshots[i], b = this.#snapshots[i + 1] ?? a;
    const t = b === a ? Math.max(0, tick - a.tick) : Math.max(0, (tick - a.tick) / (b.tick - a.tick));
    return { tick, a, b, t };
  }
}

// between is a place on the way from one to another; without another it goes on for a moment at its speed.
export function between(a, b, t) {
  if (!b) return { x: a.x, y: a.y };
  if (a === b) return { x: a.x + (a.vx ?? 0) * Math.min(t, 2), y: a.y + (a.ground ? 0 : (a.vy ?? 0)) * Math.min(t, 2) };
  if (Math.abs(b.x - a.x) > 40_000 || Math.abs(b.y - a.y) > 40_000) return t < 0.5 ? { x: a.x, y: a.y } : { x: b.x, y: b.y };
  return { x: a.x + (b.x - a.x) * t, y: a.y + (b.y - a.y) * t };
}
