// What things look like, drawn in code. Lengths are pixels of the world; (0, 0) is the middle of the thing.

import { BLASTER, URCHIN } from './sim.js';

// The fish of the four seats differ in colour and in pattern, for those who see colours otherwise.
export const SKINS = [
  { name: 'orange', body: '#ff8a3c', belly: '#ffd9a8', fin: '#e0561f', pattern: 'stripes', mark: '#fff4e3' },
  { name: 'teal', body: '#27c2b3', belly: '#c9fff0', fin: '#0d8a86', pattern: 'spots', mark: '#0b6f6d' },
  { name: 'violet', body: '#a873f2', belly: '#ecdcff', fin: '#7440c9', pattern: 'zigzag', mark: '#f4e9ff' },
  { name: 'yellow', body: '#ffd23f', belly: '#fff6cf', fin: '#e59d00', pattern: 'plain', mark: '#c47f00' },
];

export const INK = '#1b1530';
export const TAU = 2 * Math.PI;

// fish draws one. pose has face, vx, vy (in pixels a tick), ground, dash, stun, item, time (s) and still (which does not whirl); squash is how flat it is,
// 0 being as always.
export function fish(g, seat, pose, squash = 0) {
  const skin = SKINS[seat];
  const { face, vx, vy, ground, dash, stun, time, still } = pose;
  const running = ground && Math.abs(vx) > 0.6;
  const swing = running ? Math.sin(time * 22) : Math.sin(time * 3) * 0.2;
  g.save();
  g.scale(face, 1);
  if (dash > 0) g.scale(1.3, 0.8);
  else g.scale(1 + squash, 1 - squash);
  const tilt = dash > 0 ? 0 : Math.max(-0.6, Math.min(0.6, vy * 0.035)) * (ground ? 0 : 1);
  g.rotate(stun > 0 ? (still ? 0.6 : time * 14) : tilt + (running ? Math.sin(time * 22) * 0.07 : 0));
  g.lineWidth = 2.2;
  g.strokeStyle = INK;
  g.lineJoin = g.lineCap = 'round';
  if (dash <= 0) legs(g, skin, ground, running, time);
  tail(g, skin, swing);
  body(g, skin);
  eye(g, stun > 0, pose.dead);
  fin(g, skin, swing);
  held(g, pose.item);
  g.restore();
}

function legs(g, skin, ground, running, time) {
  const reach = ground ? 14 : 11;
  for (const side of [-1, 1]) {
    const step = running ? Math.sin(time * 22 + (side > 0 ? Math.PI : 0)) : ground ? 0 : side * 0.5;
    const x = side * 5 + step * 6, y = reach - Math.max(0, running ? Math.cos(time * 22 + (side > 0 ? Math.PI : 0)) : 0) * 4;
    g.beginPath();
    g.moveTo(side * 4, 8);
    g.lineTo(x, y);
    g.lineTo(x + 5, y);
    g.strokeStyle = INK;
    g.lineWidth = 4.6;
    g.stroke();
    g.strokeStyle = skin.fin;
    g.lineWidth = 2.2;
    g.stroke();
  }
  g.strokeStyle = INK;
}

function tail(g, skin, swing) {
  g.beginPath();
  g.moveTo(-13, 0);
  g.quadraticCurveTo(-22, -6 + swing * 4, -27, -12 + swing * 5);
  g.quadraticCurveTo(-22, 0 + swing * 3, -27, 11 + swing * 5);
  g.quadraticCurveTo(-21, 6, -13, 1);
  fill(g, skin.fin);
}

function body(g, skin) {
  g.beginPath();
  g.moveTo(-7, -11);
  g.quadraticCurveTo(0, -20, 8, -11);
  fill(g, skin.fin);
  const outline = new Path2D('M 19 1 C 17 -8 8 -14 -1 -13 C -10 -12 -16 -6 -17 0 C -16 7 -10 12 0 12 C 9 12 17 8 19 1 Z');
  g.fillStyle = skin.body;
  g.fill(outline);
  g.save();
  g.clip(outline);
  g.fillStyle = skin.belly;
  g.beginPath();
  g.ellipse(2, 12, 17, 8, 0, 0, TAU);
  g.fill();
  pattern(g, skin);
  g.fillStyle = 'rgba(255,255,255,.35)';
  g.beginPath();
  g.ellipse(0, -10, 10, 3, -0.1, 0, TAU);
  g.fill();
  g.restore();
  g.stroke(outline);
  g.beginPath(); // a mouth that means it
  g.moveTo(18, 4);
  g.quadraticCurveTo(13, 3, 10, 6);
  g.stroke();
  g.fillStyle = '#fff';
  g.beginPath();
  g.moveTo(16, 3.6);
  g.lineTo(14.6, 6.6);
  g.lineTo(13, 3.8);
  g.fill();
}

function pattern(g, skin) {
  g.fillStyle = g.strokeStyle = skin.mark;
  if (skin.pattern === 'stripes') {
    g.fillRect(-4, -16, 5, 30);
    g.fillRect(-13, -16, 3.5, 30);
  } else if (skin.pattern === 'spots') {
    for (const [x, y, s] of [[-10, -3, 3], [-3, -8, 2.4], [-5, 3, 2.2], [2, -3, 1.8]]) {
      g.beginPath();
      g.arc(x, y, s, 0, TAU);
      g.fill();
    }
  } else if (skin.pattern === 'zigzag') {
    g.beginPath();
    g.moveTo(-18, -2);
    for (let x = -14, up = true; x <= 4; x += 4, up = !up) g.lineTo(x, up ? -6 : 0);
    g.lineWidth = 2.4;
    g.stroke();
  }
  g.strokeStyle = INK;
  g.lineWidth = 2.2;
}

function eye(g, dizzy, dead) {
  g.fillStyle = '#fff';
  g.beginPath();
  g.arc(9, -5, 5.4, 0, TAU);
  g.fill();
  g.stroke();
  if (dizzy || dead) {
    g.beginPath();
    for (const d of [-1, 1]) {
      g.moveTo(9 - 2.4, -5 - 2.4 * d);
      g.lineTo(9 + 2.4, -5 + 2.4 * d);
    }
    g.stroke();
    return;
  }
  g.fillStyle = INK;
  g.beginPath();
  g.arc(10.6, -4.6, 2.5, 0, TAU);
  g.fill();
  g.fillStyle = '#fff';
  g.beginPath();
  g.arc(11.4, -5.5, 0.9, 0, TAU);
  g.fill();
  g.beginPath(); // an angry brow
  g.moveTo(3.4, -11.6);
  g.lineTo(14, -8.6);
  g.lineWidth = 3;
  g.stroke();
  g.lineWidth = 2.2;
}

function fin(g, skin, swing) {
  g.save();
  g.translate(-1, 4);
  g.rotate(swing * 0.6);
  g.beginPath();
  g.moveTo(0, -2);
  g.quadraticCurveTo(-10, 0, -9, 8);
  g.quadraticCurveTo(-1, 8, 4, 1);
  fill(g, skin.fin);
  g.restore();
}

// crown draws one on a fish.
export function crown(g, face) {
  g.save();
  g.scale(face, 1);
  g.translate(3, -17);
  g.rotate(-0.08);
  g.strokeStyle = INK;
  g.lineWidth = 2;
  g.lineJoin = 'round';
  g.beginPath();
  for (const [x, y] of [[-10, 2], [-12, -12], [-5, -6], [0, -15], [5, -6], [12, -12], [10, 2]]) g.lineTo(x, y);
  g.closePath();
  fill(g, '#ffd23f');
  g.restore();
}

function held(g, item) {
  if (!item) return;
  g.save();
  g.translate(15, 5);
  thing(g, item, 0.8, 0);
  g.restore();
}

// thing draws an item; turn is its angle.
export function thing(g, kind, scale = 1, turn = 0) {
  g.save();
  g.scale(scale, scale);
  g.strokeStyle = INK;
  g.lineWidth = 2.2;
  g.lineJoin = 'round';
  if (kind === URCHIN) urchin(g, turn);
  if (kind === BLASTER) blaster(g);
  g.restore();
}

function urchin(g, turn) {
  g.rotate(turn);
  g.beginPath();
  for (let i = 0; i < 24; i++) {
    const r = i % 2 ? 6.5 : 12.5, a = (i / 24) * TAU;
    g.lineTo(Math.cos(a) * r, Math.sin(a) * r);
  }
  g.closePath();
  fill(g, '#5b2a86');
  g.fillStyle = '#b98ae0';
  g.beginPath();
  g.arc(-2, -2, 2.6, 0, TAU);
  g.fill();
}

function blaster(g) {
  g.beginPath();
  g.roundRect(-10, -6, 16, 9, 4);
  fill(g, '#e84855');
  g.beginPath();
  g.roundRect(4, -5, 9, 6, 2);
  fill(g, '#ffe66d');
  g.beginPath();
  g.roundRect(-7, 2, 5, 8, 2);
  fill(g, '#b3303c');
  g.beginPath();
  g.arc(-4, -9, 4, 0, TAU);
  fill(g, '#8fe3ff');
}

// shot draws something deadly.
export function shot(g, s, time) {
  if (s.kind === URCHIN) return thing(g, URCHIN, 1, time * 9 * Math.sign(s.vx || 1));
  const back = -Math.sign(s.vx) * 26;
  const trail = g.createLinearGradient(0, 0, back, 0);
  trail.addColorStop(0, 'rgba(170,240,255,.9)');
  trail.addColorStop(1, 'rgba(170,240,255,0)');
  g.fillStyle = trail;
  g.beginPath();
  g.moveTo(0, -5);
  g.lineTo(back, 0);
  g.lineTo(0, 5);
  g.fill();
  g.beginPath();
  g.arc(0, 0, 6, 0, TAU);
  g.strokeStyle = INK;
  g.lineWidth = 2;
  fill(g, '#dffaff');
}

// fill paints the path, and its outline in ink.
export function fill(g, colour) {
  g.fillStyle = colour;
  g.fill();
  g.stroke();
}
