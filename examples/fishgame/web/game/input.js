// What the player holds down, by keyboard or touch alike: bits as the simulation knows them.

import { DASH, DOWN, JUMP, LEFT, RIGHT, USE } from './sim.js';

// By place on the keyboard, so that it is the same on every layout.
const KEYS = {
  ArrowLeft: LEFT, KeyA: LEFT, ArrowRight: RIGHT, KeyD: RIGHT, ArrowDown: DOWN, KeyS: DOWN,
  ArrowUp: JUMP, KeyW: JUMP, Space: JUMP, ShiftLeft: DASH, ShiftRight: DASH, KeyK: DASH, KeyX: DASH,
  KeyJ: USE, KeyZ: USE, KeyC: USE, Enter: USE, ControlRight: USE,
};

export class Input {
  active = false; // while a fight is on; else keys are left to the page

  #held = new Map(); // bits by what holds them
  #latched = 0; // pressed since the last step

  constructor(stick, buttons) {
    addEventListener('keydown', (event) => this.#key(event, true));
    addEventListener('keyup', (event) => this.#key(event, false));
    addEventListener('blur', () => this.#held.clear());
    for (const button of buttons) this.#button(button, { jump: JUMP, dash: DASH, use: USE }[button.dataset.key]);
    this.#stick(stick);
  }

  // keys are those held now or pressed since the last step: a short tap counts too.
  get keys() {
    let keys = this.#latched;
    for (const bits of this.#held.values()) keys |= bits;
    return keys;
  }

  // taken says that a step has used the keys.
  taken() {
    this.#latched = 0;
  }

  // press and release are what a finger, a key or a test does.
  press(what, bits) {
    this.#held.set(what, bits);
    this.#latched |= bits;
  }

  release(what) {
    this.#held.delete(what);
  }

  #key(event, down) {
    const bits = KEYS[event.code];
    if (!bits) return;
    if (!down) return this.release(event.code);
    if (!this.active || event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.('input, button, a, select')) return;
    event.preventDefault();
    if (!event.repeat) this.press(event.code, bits);
  }

  #button(button, bits) {
    button.addEventListener('pointerdown', (event) => {
      event.preventDefault();
      button.setPointerCapture(event.pointerId);
      this.press(button, bits);
    });
    for (const type of ['pointerup', 'pointercancel']) button.addEventListener(type, () => this.release(button));
    button.addEventListener('contextmenu', (event) => event.preventDefault());
  }

  #stick(stick) {
    const knob = stick.firstElementChild;
    const move = (event) => {
      const box = stick.getBoundingClientRect();
      const x = event.clientX - box.left - box.width / 2, y = event.clientY - box.top - box.height / 2;
      const far = Math.hypot(x, y), most = box.width / 3;
      knob.style.transform = `translate(${(x * Math.min(far, most)) / (far || 1)}px, ${(y * Math.min(far, most)) / (far || 1)}px)`;
      let bits = 0;
      if (Math.abs(x) > box.width / 9) bits |= x < 0 ? LEFT : RIGHT;
      if (y > box.height / 4 && y > Math.abs(x)) bits |= DOWN;
      if (bits !== (this.#held.get(stick) ?? 0)) this.press(stick, bits);
    };
    stick.addEventListener('pointerdown', (event) => {
      event.preventDefault();
      stick.setPointerCapture(event.pointerId);
      move(event);
    });
    stick.addEventListener('pointermove', (event) => stick.hasPointerCapture(event.pointerId) && move(event));
    for (const type of ['pointerup', 'pointercancel']) {
      stick.addEventListener(type, () => {
        knob.style.transform = '';
        this.release(stick);
      });
    }
  }
}
