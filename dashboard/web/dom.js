// Small tools: elements, numbers as people read them, sparklines, and lists whose rows stay where they are.

// el makes an element. Properties are set, those with a dash as attributes; children are nodes or texts.
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes('-')) node.setAttribute(name, value);
    else node[name] = value;
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

// text changes a node only if it has to.
export function text(node, value) {
  const now = String(value);
  if (node.textContent !== now) node.textContent = now;
}

// micros is a duration in microseconds; negative: there was none.
export function micros(n) {
  if (n < 0) return '–';
  if (n < 1000) return `${n} µs`;
  if (n < 100_000) return `${(n / 1000).toFixed(n < 10_000 ? 2 : 1)} ms`;
  if (n < 1e6) return `${Math.round(n / 1000)} ms`;
  return `${(n / 1e6).toFixed(1)} s`;
}

export function seconds(n) {
  if (n < 1) return `${Math.round(n * 1000)} ms`;
  if (n < 60) return `${n < 10 ? n.toFixed(1) : Math.round(n)} s`;
  if (n < 3600) return `${Math.floor(n / 60)} min ${Math.floor(n % 60)} s`;
  if (n < 86_400) return `${Math.floor(n / 3600)} h ${Math.floor((n % 3600) / 60)} min`;
  return `${Math.floor(n / 86_400)} d ${Math.floor((n % 86_400) / 3600)} h`;
}

export function count(n) {
  if (n < 10 && n % 1 !== 0) return n.toFixed(1);
  if (n < 10_000) return String(Math.round(n));
  if (n < 1e6) return `${(n / 1000).toFixed(n < 100_000 ? 1 : 0)} k`;
  return `${(n / 1e6).toFixed(1)} M`;
}

export function bytes(n) {
  if (n < 1000) return `${Math.round(n)} B`;
  if (n < 1e6) return `${(n / 1000).toFixed(1)} kB`;
  if (n < 1e9) return `${(n / 1e6).toFixed(1)} MB`;
  return `${(n / 1e9).toFixed(1)} GB`;
}

export const percent = (share) => `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;

export const sum = (counts = {}) => Object.values(counts).reduce((all, n) => all + n, 0);

// reasons says what a count is made of.
export const reasons = (counts = {}) => Object.entries(counts).map(([why, n]) => `${why}: ${n}`).join('\n');

export const clock = (ms) => new Date(ms).toLocaleTimeString([], { hour12: false });

const SVG = 'http://www.w3.org/2000/svg';
const POINTS = 60;

// Spark is a curve of the last minute. Seconds without a tick are gaps.
export class Spark {
  node = document.createElementNS(SVG, 'svg');
  #area = document.createElementNS(SVG, 'path');
  #line = document.createElementNS(SVG, 'path');

  constructor(kind = '') {
    this.node.setAttribute('class', `spark ${kind}`);
    this.node.setAttribute('viewBox', `0 0 ${POINTS - 1} 24`);
    this.node.setAttribute('preserveAspectRatio', 'none');
    this.node.setAttribute('aria-hidden', 'true');
    this.#area.setAttribute('class', 'area');
    this.#line.setAttribute('class', 'line');
    this.node.append(this.#area, this.#line);
  }

  // draw shows values, the last one at the right. floor is the least that the top stands for.
  draw(values, floor = 1) {
    const top = Math.max(floor, ...values);
    const left = POINTS - values.length;
    const runs = [];
    let run = [];
    values.forEach((value, i) => {
      if (value >= 0) run.push([left + i, 23 - (22 * value) / top]);
      if (run.length > 0 && (value < 0 || i === values.length - 1)) {
        runs.push(run);
        run = [];
      }
    });
    const path = (points) => points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${x} ${y.toFixed(1)}`).join('');
    this.#line.setAttribute('d', runs.map(path).join(''));
    this.#area.setAttribute('d', runs.map((r) => `${path(r)}L${r.at(-1)[0]} 24L${r[0][0]} 24Z`).join(''));
  }
}

// History keeps the points of one match, or of all.
export class History {
  points = [];

  // take adds what a frame brought: the whole past, or the next point.
  take({ now, past }) {
    if (past) this.points = past;
    else this.points.push(now);
    this.points = this.points.slice(-POINTS);
  }

  get took() {
    return this.points.map((p) => p[0]);
  }

  get late() {
    return this.points.map((p) => p[1]);
  }
}

// Rows keeps one element for each thing that is shown, in the order in which they came, and makes no element twice.
export class Rows {
  #body;
  #make;
  #rows = new Map();

  // make returns {node, show(value)} for a new key.
  constructor(body, make) {
    this.#body = body;
    this.#make = make;
  }

  show(values, key) {
    const rows = new Map();
    let place = this.#body.firstChild;
    for (const value of values) {
      const k = key(value);
      const row = this.#rows.get(k) ?? this.#make(value);
      rows.set(k, row);
      row.show(value);
      if (row.node === place) place = place.nextSibling;
      else this.#body.insertBefore(row.node, place);
    }
    for (const [k, row] of this.#rows) if (!rows.has(k)) row.node.remove();
    this.#rows = rows;
  }
}

// table makes a table of rows that become cards on a phone. A column is [title, class].
export function table(columns) {
  const body = el('tbody');
  const head = columns.map(([title, kind = '']) => el('th', { className: kind }, title));
  const node = el('div', { className: 'scroll' }, el('table', { className: 'rows' }, el('thead', {}, el('tr', {}, ...head)), body));
  return { node, body };
}

export const cell = (name, kind, ...children) => el('td', { className: kind, ...(name ? { 'data-name': name } : {}) }, ...children);

// post does something, and returns the answer or throws what the server said.
export async function post(path, body) {
  const response = await fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  return answer(response);
}

export async function get(path) {
  return answer(await fetch(path));
}

async function answer(response) {
  if (response.status === 401) location.reload();
  const body = await response.json().catch(() => ({ error: response.statusText }));
  if (!response.ok) throw new Error(body.error);
  return body;
}

// sure asks before something is done that cannot be undone; ok does it.
export function sure(question, action, ok) {
  const dialog = el('dialog', {}, el('h2', {}, question));
  const yes = el('button', { className: 'danger', type: 'button' }, action);
  const no = el('button', { type: 'button', autofocus: true }, 'Cancel');
  yes.onclick = () => {
    dialog.close();
    ok();
  };
  no.onclick = () => dialog.close();
  dialog.onclose = () => dialog.remove();
  dialog.append(el('div', { className: 'bar' }, no, yes));
  document.body.append(dialog);
  dialog.showModal();
}
