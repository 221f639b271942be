// A bad network between a page and a server: everything takes its time, some of it longer. What is lost on the way is sent
// again, as TCP does: it comes later, and all that follows waits for it. cut breaks all connections at once and lets no new
// ones come about until mend. A server that has started again, on another port, is found.

import { once } from 'node:events';
import { connect, createServer } from 'node:net';

export class SlowNetwork {
  host = '127.0.0.1';
  port;
  #listener;
  #sockets = new Set();
  #broken = false;

  // latency is the time one way in ms, jitter how much of it comes and goes (0.05 is 5 %), loss the part of packets that are
  // lost. The same seed gives the same weather.
  constructor(server, { latency = 0, jitter = 0, loss = 0, seed = 1 } = {}) {
    let state = seed;
    const random = () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
    const takes = () => latency * (1 + jitter * (2 * random() - 1)) + (random() < loss ? Math.max(200, 2 * latency) : 0);
    this.#listener = createServer((client) => {
      if (this.#broken) return client.destroy();
      const upstream = connect(server.port, server.host);
      for (const [from, to] of [[client, upstream], [upstream, client]]) {
        this.#sockets.add(from);
        from.setNoDelay(true);
        from.on('error', () => {}); // of a connection that was cut
        const line = []; // bytes and when they arrive, in order
        let due = 0;
        const arrive = () => {
          while (line.length > 0 && line[0].due <= performance.now()) to.write(line.shift().bytes);
          if (line.length > 0) setTimeout(arrive, line[0].due - performance.now());
        };
        from.on('data', (bytes) => {
          due = Math.max(due, performance.now() + takes());
          if (line.push({ bytes, due }) === 1) setTimeout(arrive, due - performance.now());
        });
        from.on('close', () => (this.#sockets.delete(from), to.destroy()));
      }
    });
  }

  async start() {
    this.#listener.listen(0, this.host);
    await once(this.#listener, 'listening');
    this.port = this.#listener.address().port;
  }

  cut() {
    this.#broken = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend() {
    this.#broken = false;
  }

  stop() {
    this.#listener.close();
    this.cut();
  }
}
