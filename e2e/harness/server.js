// A built server (the Fish Game's, unless told otherwise) as a process of its own, on a free port and a database file, ended the hard way or the soft.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const START_MS = 60_000;

export class Server {
  host; // where it listens, once it has started
  port;
  #folder; // of the database, kept from one start to the next
  #process;
  #exited;
  #log = [];
  #flags; // besides the usual ones
  #variable; // names the environment variable that names the binary

  constructor(variable = 'FISHGAME_BIN', ...flags) {
    this.#variable = variable;
    this.#flags = flags;
  }

  // start runs the server and waits until it has said where it listens. After an end it starts again, on the same
  // database and another port.
  async start() {
    const binary = process.env[this.#variable];
    if (!binary) throw new Error(`${this.#variable} must name a built server: go build -o … ./examples/…`);
    this.#folder ??= await mkdtemp(join(tmpdir(), 'shoal-e2e-'));

    const args = ['-addr', '127.0.0.1:0', '-db', `sqlite:${join(this.#folder, 'game.db')}`, ...this.#flags];
    this.#process = spawn(binary, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#exited = once(this.#process, 'close').then(([code, signal]) => ({ code, signal }));
    this.#exited.catch(() => {}); // a binary that cannot be run is reported by #listening
    this.#keep(this.#process.stderr);
    [this.host, this.port] = await this.#listening(this.#keep(this.#process.stdout));
  }

  // end sends a signal and returns how the process went: {code, signal}.
  end(signal) {
    this.#process.kill(signal);
    return this.#exited;
  }

  // stop ends what still runs and removes the database.
  async stop() {
    await this.end('SIGKILL').catch(() => {}); // it may never have started
    await rm(this.#folder, { recursive: true, force: true });
  }

  get pid() {
    return this.#process.pid;
  }

  get log() {
    return this.#log.join('\n');
  }

  #keep(stream) {
    const lines = createInterface({ input: stream });
    lines.on('line', (line) => {
      this.#log.push(line);
      if (process.env.E2E_LOG) console.error(line);
    });
    return lines;
  }

  #listening(lines) {
    let timer;
    return new Promise((resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`the server did not say where it listens:\n${this.log}`)), START_MS);
      lines.on('line', (line) => {
        const found = /http:\/\/(127\.0\.0\.1):([1-9]\d*)/.exec(line);
        if (found) resolve(found.slice(1));
      });
      this.#exited
        .then(({ code, signal }) => new Error(`the server ended (${code ?? signal}) before it listened:\n${this.log}`), (e) => e)
        .then(reject);
    }).finally(() => clearTimeout(timer));
  }
}
