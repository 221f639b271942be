// The rules of movement, in whole numbers: the same steps as arena/fish.go and arena/shot.go, bit for bit. Both are held
// to arena/testdata/vectors.json. Change them together.

export const LEFT = 1, RIGHT = 2, JUMP = 4, DOWN = 8, DASH = 16, USE = 32;
export const NOTHING = 0, URCHIN = 1, BLASTER = 2;

const towards = (v, goal, step) => (v < goal ? Math.min(v + step, goal) : Math.max(v - step, goal));

// fish makes one from what the server sent, which leaves out what is 0.
export const fish = (from) => ({
  x: 0, y: 0, vx: 0, vy: 0, face: 1, ground: false, coyote: 0, buffer: 0, flops: 0, drop: 0, dash: 0, cool: 0,
  stun: 0, freeze: 0, reload: 0, item: NOTHING, ammo: 0, held: 0, seq: 0, ...from, pushes: [...(from.pushes ?? [])],
});

// step moves a fish by one tick with an input of its player. It returns what the fish has thrown or shot, or null.
export function step(r, f, seq, keys) {
  f.seq = seq;
  takePushes(r, f);
  for (const t of ['coyote', 'buffer', 'drop', 'cool', 'reload']) f[t] = Math.max(0, f[t] - 1);
  if (f.freeze > 0 || f.stun > 0) keys = 0;
  f.freeze = Math.max(0, f.freeze - 1);
  f.stun = Math.max(0, f.stun - 1);
  const pressed = keys & ~f.held;
  f.held = keys;
  steer(r, f, keys, pressed);
  leap(r, f, keys, pressed);
  move(r, f);
  return pressed & USE ? use(r, f) : null;
}

// sees has the fish take the pushes of ticks up to view with the input seq, if they have not been due before.
export function sees(f, view, seq) {
  f.pushes = f.pushes.map((p) => ((p.tick ?? 0) <= view ? { ...p, at: Math.min(p.at, seq) } : p));
}

function takePushes(r, f) {
  if (f.pushes.length === 0) return;
  for (const p of f.pushes) {
    if (p.at <= f.seq) Object.assign(f, { vx: p.vx, vy: p.vy, stun: r.stun, dash: 0, ground: false });
  }
  f.pushes = f.pushes.filter((p) => p.at > f.seq);
}

function steer(r, f, keys, pressed) {
  const dir = (keys & RIGHT ? 1 : 0) - (keys & LEFT ? 1 : 0);
  if (dir !== 0 && f.dash === 0) f.face = dir;
  if (pressed & DASH && f.cool === 0) {
    f.dash = r.dash_ticks;
    f.cool = r.dash_cool;
  }
  const [accel, friction] = f.ground ? [r.ground_accel, r.friction] : [r.air_accel, r.air_friction];
  if (f.dash > 0) {
    f.dash--;
    f.vx = f.face * r.dash;
    f.vy = 0;
  } else {
    f.vx = towards(f.vx, dir * r.run, dir === 0 || f.vx * dir > r.run ? friction : accel);
  }
}

function leap(r, f, keys, pressed) {
  if (pressed & JUMP) f.buffer = r.buffer;
  if (pressed & DOWN && f.ground) f.drop = r.drop;
  if (f.buffer > 0 && (f.ground || f.coyote > 0)) {
    Object.assign(f, { vy: -r.jump, buffer: 0, coyote: 0, ground: false });
  } else if (pressed & JUMP && f.flops < r.flops) {
    f.vy = -r.flop;
    f.buffer = 0;
    f.flops++;
  }
  if (f.dash > 0) return;
  f.vy += r.gravity;
  if (keys & DOWN || (f.vy < 0 && f.stun === 0 && !(keys & JUMP))) f.vy += r.heavy;
  f.vy = Math.min(f.vy, r.fall);
}

function move(r, f) {
  f.x += f.vx;
  const left = r.half_width, right = r.width - r.half_width;
  if (f.x < left || f.x > right) {
    f.x = Math.min(Math.max(f.x, left), right);
    f.vx = (-f.vx / 2) | 0;
  }
  const was = f.ground, feet = f.y + r.half_height;
  f.y += f.vy;
  f.ground = false;
  const p = landing(r, f.x, feet, feet + f.vy, f.drop > 0);
  if (!p) {
    if (was && f.vy >= 0) f.coyote = r.coyote;
  } else if (p.kind === 'jelly') {
    Object.assign(f, { y: p.y - r.half_height, vy: -r.jelly, flops: 0 });
  } else {
    Object.assign(f, { y: p.y - r.half_height, vy: 0, flops: 0, ground: true });
  }
}

// landing is the highest platform that something falls on between two heights.
export function landing(r, x, from, to, through) {
  let found = null;
  for (const p of r.platforms) {
    if (to < from || from > p.y || to < p.y || x < p.x || x > p.x + p.w || (through && p.kind === 'wood')) continue;
    if (!found || p.y < found.y) found = p;
  }
  return found;
}

function use(r, f) {
  const s = {
    id: 0, owner: 0, seq: f.seq, kind: f.item, age: 0,
    x: f.x + f.face * r.half_width, y: f.y - ((r.half_height / 2) | 0), vx: 0, vy: 0,
  };
  if (f.item === URCHIN) {
    s.vx = f.face * r.urchin_speed + ((f.vx / 2) | 0);
    s.vy = ((Math.min(f.vy, 0) / 2) | 0) - r.urchin_up;
    if (f.held & DOWN) {
      s.vx = (s.vx / 2) | 0;
      s.vy = r.urchin_up;
    }
    f.item = NOTHING;
  } else if (f.item === BLASTER && f.reload === 0) {
    s.vx = f.face * r.blaster_speed;
    f.vx -= f.face * r.blaster_recoil;
    f.reload = r.reload;
    if (--f.ammo === 0) f.item = NOTHING;
  } else {
    return null;
  }
  return s;
}

// fly moves a shot by one tick, and says whether it is still deadly.
export function fly(r, s) {
  s.age++;
  s.x += s.vx;
  if (s.kind === BLASTER) return s.age < r.blaster_life && s.x > 0 && s.x < r.width;
  if (s.x < r.urchin_radius || s.x > r.width - r.urchin_radius) {
    s.x = Math.min(Math.max(s.x, r.urchin_radius), r.width - r.urchin_radius);
    s.vx = (-s.vx / 2) | 0;
  }
  s.vy = Math.min(s.vy + r.urchin_gravity, r.fall);
  const bottom = s.y + r.urchin_radius;
  s.y += s.vy;
  const p = landing(r, s.x, bottom, bottom + s.vy, false);
  if (p) {
    s.y = p.y - r.urchin_radius;
    s.vx = ((s.vx * 3) / 4) | 0;
    s.vy = ((-s.vy * 5) / 8) | 0;
  }
  return s.age < r.urchin_life;
}

// strikes says whether a shot touches a fish.
export function strikes(r, s, f) {
  const reach = s.kind === BLASTER ? r.blaster_radius : r.urchin_radius;
  return Math.abs(s.x - f.x) < r.half_width + reach && Math.abs(s.y - f.y) < r.half_height + reach;
}

// bumps says whether two fish touch.
export const bumps = (r, a, b) =>
  Math.abs(a.x - b.x) < 2 * r.half_width + ((r.half_width / 2) | 0) && Math.abs(a.y - b.y) < 2 * r.half_height;

// reaches says whether a fish touches an item.
export const reaches = (r, f, item) =>
  Math.abs(f.x - item.x) < r.half_width + r.item_radius && Math.abs(f.y - item.y) < r.half_height + r.item_radius;

// sea is the height of the water so many ticks after the beginning of a round.
export const sea = (r, age) => r.water - Math.max(0, age - r.tide_after) * r.tide_speed;
