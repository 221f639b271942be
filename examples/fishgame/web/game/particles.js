// Small things that fly and fade: dust, splashes, sparks, scales, and what is left of a fish.

const MOST = 240;
const GRAVITY = 900;
const PAPER = ['#ff8a3c', '#27c2b3', '#a873f2', '#ffd23f', '#fffaf0', '#ff8fc4'];
const TAU = 2 * Math.PI;
const around = (v, spread) => v + (Math.random() - 0.5) * spread;

export class Particles {
  #all = [];

  constructor(still) {
    this.still = still; // then there are far fewer
  }

  clear() {
    this.#all = [];
  }

  dust(x, y, force) {
    this.#add(4 + force * 6, () => ({ x: around(x, 22), y, vx: around(0, 160 * force + 60), vy: around(-40, 40), size: around(5, 3), life: 0.4, colour: 'rgba(255,240,220,.75)', weight: 0.05, grow: 10 }));
  }

  streak(x, y, dir) {
    this.#add(1, () => ({ x, y: around(y, 18), vx: dir * 120, vy: 0, size: around(3.5, 2), life: 0.25, colour: 'rgba(255,255,255,.8)', weight: 0, grow: -6 }));
  }

  burst(x, y, colour, count) {
    this.#add(count, () => {
      const a = Math.random() * TAU, v = 80 + Math.random() * 330;
      return { x, y, vx: Math.cos(a) * v, vy: Math.sin(a) * v - 120, size: around(5, 4), life: around(0.7, 0.4), colour, weight: 1, grow: -4 };
    });
  }

  splash(x, y) {
    this.#add(34, () => ({ x: around(x, 30), y, vx: around(0, 320), vy: around(-430, 330), size: around(6, 5), life: around(0.9, 0.4), colour: 'rgba(205,232,255,.9)', weight: 1, grow: -3 }));
  }

  confetti(x, y, count) {
    this.#add(count, () => ({
      x: around(x, 60), y: around(y - 20, 30), vx: around(0, 520), vy: around(-480, 360), size: around(5, 3), life: around(1.9, 0.8),
      colour: PAPER[Math.floor(Math.random() * PAPER.length)], weight: 0.55, grow: -1.5,
    }));
  }

  bones(x, y, face) {
    this.#all.push({ x, y, vx: -face * 90, vy: -380, size: 1, life: 1.3, weight: 0.9, grow: 0, turn: 0, spin: -face * 6, bones: true });
  }

  move(s) {
    for (const p of this.#all) {
      p.life -= s;
      p.vy += GRAVITY * p.weight * s;
      p.x += p.vx * s;
      p.y += p.vy * s;
      p.size = Math.max(0, p.size + p.grow * s);
      if (p.bones) p.turn += p.spin * s;
    }
    this.#all = this.#all.filter((p) => p.life > 0);
  }

  draw(g) {
    for (const p of this.#all) {
      g.globalAlpha = Math.min(1, p.life * 3);
      if (p.bones) bones(g, p);
      else {
        g.fillStyle = p.colour;
        g.beginPath();
        g.arc(p.x, p.y, p.size, 0, TAU);
        g.fill();
      }
    }
    g.globalAlpha = 1;
  }

  #add(count, make) {
    for (let i = 0; i < (this.still ? count / 4 : count) && this.#all.length < MOST; i++) this.#all.push(make());
  }
}

// bones draws a fish as in the comics, when there is nothing left to eat.
function bones(g, p) {
  g.save();
  g.translate(p.x, p.y);
  g.rotate(p.turn);
  for (const [colour, width] of [['#1b1530', 6], ['#fffaf0', 3]]) {
    g.strokeStyle = colour;
    g.lineWidth = width;
    g.lineCap = 'round';
    g.beginPath();
    g.moveTo(-16, 0);
    g.lineTo(9, 0);
    for (const [x, h] of [[-8, 5], [-2, 8], [4, 8]]) {
      g.moveTo(x, -h);
      g.lineTo(x, h);
    }
    g.moveTo(-23, -8);
    g.lineTo(-16, 0);
    g.lineTo(-23, 8);
    g.stroke();
  }
  g.fillStyle = '#fffaf0';
  g.strokeStyle = '#1b1530';
  g.lineWidth = 2;
  g.beginPath();
  g.arc(14, 0, 7, 0, TAU);
  g.fill();
  g.stroke();
  g.fillStyle = '#1b1530';
  g.font = '700 9px system-ui';
  g.textAlign = 'center';
  g.fillText('×', 15, 3);
  g.restore();
}
