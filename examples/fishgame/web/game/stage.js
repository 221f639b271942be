// The picture: a camera over the arena, weather, water, particles, and what eyes and ears are told when something happens.

import * as art from './art.js';
import { Particles } from './particles.js';
import * as scenery from './scenery.js';
import { URCHIN } from './sim.js';
import { FIGHT, MATCH_OVER } from './authoritative.js';

const UNIT = 256;
const WORLD = { width: 960, height: 600 };
const LEAST_SCALE = 0.8; // a fish has to stay visible on a phone
const LABEL = 13, LEAST_LABEL = 12; // pixels of the world, and of the screen

export class Stage {
  still = matchMedia('(prefers-reduced-motion: reduce)').matches;
  // drawn is where the own fish was drawn last, in pixels of the world; null if it was not.
  drawn = null;

  #canvas;
  #g;
  #rules;
  #sound;
  #particles;
  #camera = { x: WORLD.width / 2, y: WORLD.height / 2, scale: 1 };
  #memory = new Map(); // by seat: the fish as they were drawn last
  #bounces = []; // of the jellyfish, by platform
  #shake = 0;
  #shots = new Set(); // ids
  #round = -1;
  #beeped = 0;
  #cheered = false; // for the round that is over
  #then = 0;

  constructor(canvas, rules, sound) {
    this.#canvas = canvas;
    this.#g = canvas.getContext('2d');
    this.#rules = rules;
    this.#sound = sound;
    this.#particles = new Particles(this.still);
    matchMedia('(prefers-reduced-motion: reduce)').addEventListener('change', (event) => {
      this.still = this.#particles.still = event.matches;
    });
  }

  // draw shows a scene, or the empty arena for null. names are those of the seats, inset what covers the bottom, in CSS pixels.
  draw(now, scene, names, { inset = 0, top = 0 } = {}) {
    const time = now / 1000, ms = Math.min(50, now - this.#then);
    this.#then = now;
    if (scene) this.#notice(scene);
    this.#particles.move(ms / 1000);
    this.#shake *= Math.exp(-ms / 110);
    this.#bounces = this.#bounces.map((b) => b * Math.exp(-ms / 130));

    const ratio = Math.min(devicePixelRatio || 1, 2), width = this.#canvas.clientWidth, height = this.#canvas.clientHeight;
    if (this.#canvas.width !== Math.round(width * ratio) || this.#canvas.height !== Math.round(height * ratio)) {
      this.#canvas.width = Math.round(width * ratio);
      this.#canvas.height = Math.round(height * ratio);
    }
    const g = this.#g;
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.#background(g, width, height, time);
    this.#aim(scene, width, height, { inset, top }, ms);
    this.#world(g, width, height, time, scene, names);
  }

  #background(g, width, height, time) {
    const drift = this.still ? 0 : time * 6;
    scenery.sky(g, width, height);
    scenery.sun(g, width * 0.72, height * 0.58, Math.min(width, height) * 0.09);
    for (let i = 0; i < 5; i++) scenery.cloud(g, ((i * 397 + drift * (1 + (i % 3) * 0.4)) % (width + 260)) - 150, height * (0.1 + ((i * 0.17) % 0.4)), 0.6 + (i % 3) * 0.35);
    scenery.island(g, width * 0.16, height * 0.78, Math.max(0.7, width / 1300));
    scenery.island(g, width * 0.9, height * 0.78, Math.max(0.5, width / 1700));
    g.fillStyle = '#5b6fb0';
    g.fillRect(0, height * 0.78, width, height);
    g.fillStyle = 'rgba(255,214,150,.35)';
    for (let i = 0; i < 9; i++) g.fillRect(width * 0.72 - (46 - i * 4) + Math.sin(time * 1.4 + i) * (this.still ? 0 : 5), height * (0.79 + i * 0.022), 92 - i * 8, 2.5);
  }

  // aim turns the camera to the fish that live, the own one first where not all find room.
  #aim(scene, width, height, { inset, top }, ms) {
    const room = Math.max(200, height - inset - top);
    const whole = Math.min(width / WORLD.width, room / WORLD.height);
    const scale = Math.max(whole, LEAST_SCALE * Math.min(1, room / WORLD.height));
    const seen = scene?.fish.filter((f) => f.alive) ?? [];
    const own = seen.find((f) => f.me);
    const middle = seen.length ? seen.reduce((sum, f) => sum + f.x / UNIT / seen.length, 0) : WORLD.width / 2;
    const focus = own ? own.x / UNIT * 0.7 + middle * 0.3 : middle;
    const wide = width / scale, tall = room / scale;
    const x = wide >= WORLD.width ? WORLD.width / 2 : Math.min(Math.max(focus, wide / 2), WORLD.width - wide / 2);
    const ownY = own ? own.y / UNIT : 330;
    const y = tall >= WORLD.height ? WORLD.height - tall / 2 : Math.min(Math.max(ownY, tall / 2), WORLD.height - tall / 2);
    const part = this.still ? 1 : 1 - Math.exp(-ms / 160);
    this.#camera.x += (x - this.#camera.x) * part;
    this.#camera.y += (y - this.#camera.y) * part;
    this.#camera.scale = scale;
    this.#camera.middle = top + room / 2;
  }

  #world(g, width, height, time, scene, names) {
    const { x, y, scale, middle } = this.#camera;
    const shake = this.still ? 0 : this.#shake;
    g.translate(width / 2 + Math.sin(time * 97) * shake, middle + Math.cos(time * 83) * shake);
    g.scale(scale, scale);
    g.translate(-x, -y);
    const view = { left: x - width / 2 / scale - 20, right: x + width / 2 / scale + 20, bottom: y + (height - middle) / scale + 20 };
    const level = (scene?.sea ?? this.#rules.water) / UNIT;
    this.#water(g, view, level - 9, time, ['#4a5fa8', '#3c4f98']);
    this.#sharks(g, level, time);
    if (!scene) this.#leapers(g, level, time);
    else this.#rules.platforms.forEach((p, i) => scenery.platform(g, { kind: p.kind, x: p.x / UNIT, y: p.y / UNIT, w: p.w / UNIT }, this.still ? 0 : time + i, this.#bounces[i] ?? 0));
    for (const item of scene?.items ?? []) this.#item(g, item, time);
    for (const s of scene?.shots ?? []) this.#at(g, s, () => art.shot(g, s, time));
    this.drawn = null;
    for (const f of scene?.fish ?? []) if (f.alive) this.#fish(g, f, { time, name: names[f.seat], won: scene.phase > FIGHT && f.seat === scene.winner });
    this.#particles.draw(g);
    this.#water(g, view, level + 4, time * 1.3, ['rgba(47,66,140,.9)', 'rgba(34,48,112,.96)']);
    if (scene) this.#arrows(g, scene, view);
  }

  #water(g, view, y, time, colours) {
    const shift = this.still ? 0 : time * 30;
    colours.forEach((colour, i) => scenery.wave(g, { ...view, y: y + i * 13, colour, height: 4 - i, length: 34 + i * 15, shift: shift * (i % 2 ? -1 : 1) }));
  }

  #sharks(g, level, time) {
    const t = this.still ? 1 : time;
    for (let i = 0; i < 3; i++) {
      const span = WORLD.width + 200, along = (t * (38 + i * 13) + i * 390) % (2 * span);
      const dir = along < span ? 1 : -1;
      scenery.shark(g, (dir > 0 ? along : 2 * span - along) - 100, level - 3 + Math.sin(t * 2 + i * 2) * 4 + i * 3, dir);
    }
  }

  // leapers are fish that jump out of the sea while nobody plays.
  #leapers(g, level, time) {
    if (this.still) return;
    for (let seat = 0; seat < art.SKINS.length; seat++) {
      const t = (time / 2.6 + seat * 0.29) % 1, leap = Math.floor(time / 2.6 + seat * 0.29), face = (leap + seat) % 2 ? 1 : -1;
      const x = 130 + ((leap * 263 + seat * 211) % 700) + face * (t - 0.5) * 170, rise = 4 * t * (1 - t);
      g.save();
      g.translate(x, level + 40 - rise * 250);
      g.scale(1.5, 1.5);
      art.fish(g, seat, { face, vx: 0, vy: (t - 0.5) * 44, ground: false, time });
      g.restore();
    }
  }

  #item(g, item, time) {
    const bob = this.still ? 0 : Math.sin(time * 3 + (item.x % 7)) * 3;
    g.save();
    g.translate(item.x / UNIT, item.y / UNIT + bob);
    g.fillStyle = 'rgba(255,255,255,.28)';
    g.beginPath();
    g.arc(0, 0, 19, 0, 7);
    g.fill();
    art.thing(g, item.kind, 1.05);
    g.restore();
  }

  #at(g, thing, draw) {
    g.save();
    g.translate(thing.x / UNIT, thing.y / UNIT);
    draw();
    g.restore();
  }

  #fish(g, f, { time, name, won }) {
    const memory = this.#memory.get(f.seat) ?? {};
    if (f.me) this.drawn = { x: f.x / UNIT, y: f.y / UNIT, face: f.face };
    this.#at(g, f, () => {
      art.fish(g, f.seat, { ...f, vx: (f.vx ?? 0) / UNIT, vy: (f.vy ?? 0) / UNIT, time, still: this.still }, this.still ? 0 : memory.squash ?? 0);
      if (won) art.crown(g, f.face);
      g.font = `700 ${Math.max(LABEL, LEAST_LABEL / this.#camera.scale)}px system-ui, sans-serif`;
      g.textAlign = 'center';
      g.lineWidth = 4;
      g.strokeStyle = 'rgba(27,21,48,.85)';
      g.fillStyle = f.me ? '#fff' : '#ffeccf';
      const label = f.me ? '▼ YOU' : name ?? '';
      const y = won ? -40 : -27;
      g.strokeText(label, 0, y);
      g.fillText(label, 0, y);
    });
  }

  // arrows point at the fish that are outside the picture.
  #arrows(g, scene, view) {
    for (const f of scene.fish) {
      const x = f.x / UNIT;
      if (!f.alive || (x > view.left + 20 && x < view.right - 20)) continue;
      const right = x > view.right - 20;
      g.fillStyle = art.SKINS[f.seat].body;
      g.strokeStyle = '#1b1530';
      g.lineWidth = 2.5;
      g.beginPath();
      const at = right ? view.right - 44 : view.left + 44, d = right ? 1 : -1, y = f.y / UNIT;
      g.moveTo(at, y - 11);
      g.lineTo(at + 16 * d, y);
      g.lineTo(at, y + 11);
      g.closePath();
      g.fill();
      g.stroke();
    }
  }

  // notice compares the scene with the one before, and makes sounds and particles of what has changed.
  #notice(scene) {
    if (scene.round !== this.#round) {
      this.#round = scene.round;
      this.#memory.clear();
      this.#shots.clear();
      this.#particles.clear();
    }
    if (scene.phase > FIGHT && !this.#cheered) this.#cheer(scene);
    this.#cheered = scene.phase > FIGHT;
    for (const f of scene.fish) this.#compare(f, this.#memory.get(f.seat), scene);
    for (const s of scene.shots) {
      if (!this.#shots.has(s.id) && s.age < 10 && !(typeof s.id === 'number' && this.#shots.has(`own${s.seq}`))) this.#sound[s.kind === URCHIN ? 'toss' : 'shoot']();
    }
    this.#shots = new Set(scene.shots.map((s) => s.id));
    this.#count(scene);
  }

  #compare(f, was, scene) {
    const x = f.x / UNIT, y = f.y / UNIT, skin = art.SKINS[f.seat];
    let squash = (was?.squash ?? 0) * 0.82;
    if (was && f.alive) {
      if (f.ground && !was.ground && was.vy > 1200) {
        squash = Math.min(0.45, was.vy / 9000);
        this.#particles.dust(x, y + 13, was.vy / 4608);
        this.#sound.land();
      }
      if (f.vy < -2500 && was.vy > -1500) {
        squash = -0.28;
        if (f.vy < -4700) {
          this.#bounce(f);
          this.#sound.bounce();
        } else this.#sound[f.flops > (was.flops ?? 0) ? 'flop' : 'jump']();
        this.#particles.dust(x, y + 13, 0.4);
      }
      if ((f.dash ?? 0) > (was.dash ?? 0)) this.#sound.dash();
      if (f.dash > 0) this.#particles.streak(x - f.face * 18, y, -f.face);
      if ((f.item ?? 0) && !was.item) this.#sound.pick();
      if ((f.hurt ?? 0) > (was.hurt ?? 0)) {
        this.#sound.bump();
        this.#particles.burst(x, y, '#fff3b0', 10);
        this.#shake = Math.max(this.#shake, 5);
      }
    }
    if (was?.alive && !f.alive) this.#death(was, scene, skin);
    this.#memory.set(f.seat, { ...f, squash });
  }

  #death(was, scene, skin) {
    const x = was.x / UNIT, y = was.y / UNIT;
    this.#shake = 12;
    if (was.y > scene.sea - 12_000) {
      this.#particles.splash(x, scene.sea / UNIT);
      this.#sound.splash();
      return;
    }
    this.#particles.burst(x, y, skin.body, 26);
    this.#particles.bones(x, y, was.face);
    this.#sound.die();
  }

  // cheer throws paper over who has won.
  #cheer(scene) {
    const best = scene.fish.find((f) => f.alive && f.seat === scene.winner);
    if (best) this.#particles.confetti(best.x / UNIT, best.y / UNIT, scene.phase === MATCH_OVER ? 110 : 40);
  }

  #bounce(f) {
    this.#rules.platforms.forEach((p, i) => {
      if (p.kind === 'jelly' && f.x >= p.x - 8000 && f.x <= p.x + p.w + 8000) this.#bounces[i] = 1;
    });
  }

  // count beeps down to the beginning of a round.
  #count(scene) {
    const left = scene.phase === FIGHT ? Math.ceil(scene.freeze / this.#rules.tick_rate) : 0;
    if (left > 0 && left !== this.#beeped) this.#sound.beep();
    if (left === 0 && this.#beeped > 0) this.#sound.go();
    this.#beeped = left;
  }
}
