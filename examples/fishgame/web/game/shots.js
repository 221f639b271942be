// Shots in flight: those of the server, and the player's own from the moment they are fired until the server's line has
// them too. The server lets a shot start at the tick that its player saw, so both follow the same path.

import { between } from './timeline.js';
import { fly, strikes } from './sim.js';

export class Shots {
  #rules;
  #own = []; // { shot, born, flown }: fired at the tick born and moved by so many ticks

  constructor(rules) {
    this.#rules = rules;
  }

  // fire shows a shot of the player's own at once.
  fire(shot, tick) {
    this.#own.push({ shot: { ...shot, id: `own${shot.seq}` }, born: tick, flown: 0 });
  }

  // scene is all shots to be drawn at a moment of the timeline.
  scene({ tick, a, b, t }, fish) {
    const seen = a.shots.map((s) => {
      const later = b.shots.find((o) => o.id === s.id);
      return { ...s, ...(later ? between(s, later, t) : { x: s.x + s.vx * t, y: s.y + (s.vy ?? 0) * t }) };
    });
    this.#own = this.#own.filter((o) => !a.shots.some((s) => s.owner === o.shot.owner && s.seq === o.shot.seq) && this.#follow(o, tick, fish));
    const part = tick - Math.floor(tick);
    return [...seen, ...this.#own.map(({ shot }) => ({ ...shot, x: shot.x + shot.vx * part, y: shot.y + shot.vy * part }))];
  }

  // follow moves a shot on to a tick, and says whether it still flies.
  #follow(o, tick, fish) {
    for (; o.born + o.flown < Math.floor(tick); o.flown++) {
      if (fish.some((f) => f.alive && f.seat !== o.shot.owner && strikes(this.#rules, o.shot, f)) || !fly(this.#rules, o.shot)) return false;
    }
    return true;
  }
}
