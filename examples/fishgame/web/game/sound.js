// All sounds are made of a few oscillators and noise. Nothing sounds before the player has touched something, as browsers
// demand, and nothing at all when muted.

export class Sound {
  #context = null;
  #out = null;
  #noise = null;
  #muted;

  constructor(muted) {
    this.#muted = muted;
  }

  // state is that of the AudioContext, null as long as there is none.
  get state() {
    return this.#context?.state ?? null;
  }

  get muted() {
    return this.#muted;
  }

  set muted(muted) {
    this.#muted = muted;
    if (this.#out) this.#out.gain.value = muted ? 0 : 0.5;
  }

  // wake lets sounds out; to be called when the player does something.
  wake() {
    if (this.#context) return this.#context.state === 'suspended' && this.#context.resume();
    this.#context = new AudioContext();
    const soft = this.#context.createDynamicsCompressor();
    this.#out = this.#context.createGain();
    this.#out.gain.value = this.#muted ? 0 : 0.5;
    this.#out.connect(soft).connect(this.#context.destination);
    this.#noise = this.#context.createBuffer(1, this.#context.sampleRate, this.#context.sampleRate);
    const samples = this.#noise.getChannelData(0);
    for (let i = 0; i < samples.length; i++) samples[i] = 2 * Math.random() - 1;
  }

  jump = () => this.#tone({ from: 260, to: 520, time: 0.12, type: 'triangle', volume: 0.35 });
  flop = () => this.#tone({ from: 420, to: 760, time: 0.1, type: 'triangle', volume: 0.3 });
  land = () => this.#hiss({ time: 0.07, from: 500, to: 180, volume: 0.22 });
  bounce = () => this.#tone({ from: 180, to: 680, time: 0.24, type: 'sine', volume: 0.5, wobble: 22 });
  dash = () => this.#hiss({ time: 0.2, from: 2600, to: 500, volume: 0.35 });
  bump = () => (this.#tone({ from: 190, to: 60, time: 0.16, type: 'square', volume: 0.3 }), this.#hiss({ time: 0.1, from: 1200, to: 300, volume: 0.4 }));
  pick = () => [660, 990].forEach((f, i) => this.#tone({ from: f, time: 0.08, type: 'square', volume: 0.14, after: i * 0.07 }));
  toss = () => this.#hiss({ time: 0.14, from: 900, to: 2400, volume: 0.3 });
  shoot = () => this.#tone({ from: 1300, to: 240, time: 0.13, type: 'sawtooth', volume: 0.22 });
  splash = () => this.#hiss({ time: 0.6, from: 1800, to: 200, volume: 0.6 });
  die = () => this.#tone({ from: 620, to: 70, time: 0.5, type: 'sawtooth', volume: 0.3, wobble: 12 });
  beep = () => this.#tone({ from: 440, time: 0.1, type: 'square', volume: 0.14 });
  go = () => this.#tone({ from: 880, time: 0.3, type: 'square', volume: 0.16 });
  click = () => this.#tone({ from: 520, to: 620, time: 0.05, type: 'triangle', volume: 0.2 });
  round = () => [523, 659, 784].forEach((f, i) => this.#tone({ from: f, time: 0.16, type: 'triangle', volume: 0.35, after: i * 0.11 }));
  win = () => [523, 659, 784, 1047, 784, 1047].forEach((f, i) => this.#tone({ from: f, time: i === 5 ? 0.7 : 0.18, type: 'triangle', volume: 0.4, after: i * 0.14 }));

  #tone({ from, to = from, time, type, volume, wobble = 0, after = 0 }) {
    const start = this.#start(after);
    if (start === null) return;
    const oscillator = this.#context.createOscillator();
    oscillator.type = type;
    oscillator.frequency.setValueAtTime(from, start);
    oscillator.frequency.exponentialRampToValueAtTime(to, start + time);
    if (wobble) {
      const low = this.#context.createOscillator(), depth = this.#context.createGain();
      low.frequency.value = wobble;
      depth.gain.value = from * 0.12;
      low.connect(depth).connect(oscillator.frequency);
      low.start(start);
      low.stop(start + time);
    }
    this.#play(oscillator, oscillator, start, time, volume);
  }

  #hiss({ time, from, to, volume }) {
    const start = this.#start(0);
    if (start === null) return;
    const noise = this.#context.createBufferSource(), filter = this.#context.createBiquadFilter();
    noise.buffer = this.#noise;
    filter.type = 'bandpass';
    filter.frequency.setValueAtTime(from, start);
    filter.frequency.exponentialRampToValueAtTime(to, start + time);
    noise.connect(filter);
    this.#play(noise, filter, start, time, volume);
  }

  #start(after) {
    return this.#context?.state === 'running' && !this.#muted ? this.#context.currentTime + after : null;
  }

  #play(source, last, start, time, volume) {
    const gain = this.#context.createGain();
    gain.gain.setValueAtTime(0.0001, start);
    gain.gain.exponentialRampToValueAtTime(volume, start + 0.012);
    gain.gain.exponentialRampToValueAtTime(0.0001, start + time);
    last.connect(gain).connect(this.#out);
    source.start(start);
    source.stop(start + time + 0.02);
  }
}
