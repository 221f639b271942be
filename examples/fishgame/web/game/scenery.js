// The place where it all happens: platforms, sky, sea. Lengths are pixels of the world.

import { fill, INK, TAU } from './art.js';

// platform draws one; bounce is how hard a jellyfish has just been landed on, 0 to 1.
export function platform(g, p, time, bounce) {
  g.save();
  g.translate(p.x, p.y);
  g.strokeStyle = INK;
  g.lineWidth = 2.5;
  g.lineJoin = 'round';
  ({ rock, wood, jelly })[p.kind](g, p.w, time, bounce);
  g.restore();
}

function rock(g, w) {
  g.beginPath();
  g.moveTo(-8, 4);
  g.quadraticCurveTo(-6, -1, 2, 0);
  g.lineTo(w - 2, 0);
  g.quadraticCurveTo(w + 6, -1, w + 8, 4);
  g.quadraticCurveTo(w - 4, 60, w * 0.78, 150);
  g.lineTo(w * 0.2, 150);
  g.quadraticCurveTo(4, 60, -8, 4);
  const stone = g.createLinearGradient(0, 0, 0, 130);
  stone.addColorStop(0, '#8a7fa8');
  stone.addColorStop(1, '#41395f');
  fill(g, stone);
  g.fillStyle = 'rgba(27,21,48,.22)';
  for (const [x, y, s] of [[0.2, 34, 20], [0.55, 52, 26], [0.78, 28, 16], [0.4, 84, 18]]) {
    g.beginPath();
    g.ellipse(w * x, y, s, s * 0.5, -0.3, 0, TAU);
    g.fill();
  }
  g.beginPath(); // moss
  g.moveTo(-8, 5);
  g.quadraticCurveTo(-6, -2, 2, -2);
  g.lineTo(w - 2, -2);
  g.quadraticCurveTo(w + 6, -2, w + 8, 5);
  for (let x = w, i = 0; x > 0; x -= 16, i++) g.quadraticCurveTo(x - 4, 10 + (i % 3) * 4, x - 16, 6);
  g.closePath();
  fill(g, '#5fc26b');
}

function wood(g, w) {
  g.beginPath();
  g.roundRect(0, 0, w, 13, 5);
  fill(g, '#c98b52');
  g.fillStyle = '#e2ac74';
  g.beginPath();
  g.roundRect(2, 1.5, w - 4, 4, 2);
  g.fill();
  g.beginPath();
  for (let x = 34; x < w - 10; x += 36) {
    g.moveTo(x, 1);
    g.lineTo(x, 12);
  }
  g.lineWidth = 1.6;
  g.stroke();
  for (const x of [14, w - 22]) {
    g.beginPath();
    g.roundRect(x, -2, 8, 17, 3);
    g.lineWidth = 2;
    fill(g, '#efe3c2');
  }
}

function jelly(g, w, time, bounce) {
  const dip = Math.sin(time * 2) * 1.5 + bounce * 12;
  g.lineWidth = 3;
  for (let i = 0; i < 5; i++) {
    const x = w * (0.18 + i * 0.16);
    g.beginPath();
    g.moveTo(x, 22);
    g.bezierCurveTo(x + Math.sin(time * 3 + i) * 9, 38, x - Math.sin(time * 3 + i) * 9, 52, x + Math.sin(time * 2 + i) * 6, 66);
    g.strokeStyle = 'rgba(255,143,196,.85)';
    g.stroke();
  }
  g.strokeStyle = INK;
  g.lineWidth = 2.5;
  g.beginPath();
  g.moveTo(-4, 22 + dip * 0.4);
  g.bezierCurveTo(4, -8 + dip * 1.5, w - 4, -8 + dip * 1.5, w + 4, 22 + dip * 0.4);
  for (let x = w + 4, n = 0; n < 6; n++, x -= (w + 8) / 6) g.quadraticCurveTo(x - (w + 8) / 12, 30 + dip * 0.4, x - (w + 8) / 6, 22 + dip * 0.4);
  fill(g, '#ff8fc4');
  g.fillStyle = 'rgba(255,255,255,.5)';
  g.beginPath();
  g.ellipse(w * 0.32, 8 + dip, w * 0.14, 3.4, -0.25, 0, TAU);
  g.fill();
}

// sky fills the view with the evening.
export function sky(g, width, height) {
  const colours = g.createLinearGradient(0, 0, 0, height);
  for (const [at, colour] of [[0, '#2b2a6b'], [0.35, '#7a4f9e'], [0.62, '#ee7f7b'], [0.85, '#ffc27a'], [1, '#ffe3a8']]) colours.addColorStop(at, colour);
  g.fillStyle = colours;
  g.fillRect(0, 0, width, height);
}

// sun draws it with its glow.
export function sun(g, x, y, r) {
  const glow = g.createRadialGradient(x, y, r * 0.6, x, y, r * 3.4);
  glow.addColorStop(0, 'rgba(255,240,190,.75)');
  glow.addColorStop(1, 'rgba(255,220,150,0)');
  g.fillStyle = glow;
  g.fillRect(x - 4 * r, y - 4 * r, 8 * r, 8 * r);
  g.fillStyle = '#fff3c9';
  g.beginPath();
  g.arc(x, y, r, 0, TAU);
  g.fill();
}

// cloud draws one about 120 wide.
export function cloud(g, x, y, scale) {
  g.save();
  g.translate(x, y);
  g.scale(scale, scale);
  g.fillStyle = 'rgba(255,235,225,.55)';
  g.beginPath();
  for (const [cx, cy, r] of [[0, 0, 22], [28, -9, 28], [60, -4, 24], [86, 3, 17]]) {
    g.moveTo(cx + r, cy);
    g.arc(cx, cy, r, 0, TAU);
  }
  g.rect(0, 0, 86, 20);
  g.fill();
  g.restore();
}

// island draws a far hill with palms.
export function island(g, x, y, scale) {
  g.save();
  g.translate(x, y);
  g.scale(scale, scale);
  g.fillStyle = 'rgba(84,52,112,.75)';
  g.strokeStyle = 'rgba(84,52,112,.75)';
  g.beginPath();
  g.moveTo(-90, 0);
  g.quadraticCurveTo(-40, -46, 0, -30);
  g.quadraticCurveTo(40, -70, 100, 0);
  g.fill();
  for (const [px, h] of [[-12, 46], [12, 58]]) {
    g.lineWidth = 5;
    g.beginPath();
    g.moveTo(px, -28);
    g.quadraticCurveTo(px + 6, -28 - h / 2, px + 10, -28 - h);
    g.stroke();
    g.lineWidth = 6;
    for (const a of [-2.6, -2, -1.2, -0.5, 0.1]) {
      g.beginPath();
      g.moveTo(px + 10, -28 - h);
      g.quadraticCurveTo(px + 10 + Math.cos(a) * 16, -32 - h + Math.sin(a) * 12, px + 10 + Math.cos(a) * 26, -20 - h + Math.sin(a) * 8);
      g.stroke();
    }
  }
  g.restore();
}

// wave fills from a wavy line at y to the bottom.
export function wave(g, { left, right, bottom, y, colour, height, length, shift }) {
  g.fillStyle = colour;
  g.beginPath();
  g.moveTo(left, bottom);
  for (let x = left; x <= right + 12; x += 12) g.lineTo(x, y + Math.sin((x + shift) / length) * height + Math.sin((x - shift * 1.7) / (length * 0.43)) * height * 0.4);
  g.lineTo(right + 12, bottom);
  g.fill();
}

// shark draws a fin that cuts through the water, swimming in a direction.
export function shark(g, x, y, dir) {
  g.save();
  g.translate(x, y);
  g.scale(dir, 1);
  g.beginPath();
  g.moveTo(-20, 8);
  g.quadraticCurveTo(-8, -6, 2, -26);
  g.quadraticCurveTo(8, -8, 18, 8);
  g.strokeStyle = INK;
  g.lineWidth = 2.4;
  fill(g, '#56678f');
  g.restore();
}
