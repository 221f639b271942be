// A network that may fail: it passes connections on to a server. cut sees what was asked before each answer; if it says yes
// the connection breaks and the answer is lost.

import { once } from 'node:events';
import { connect, createServer } from 'node:net';

export class CuttingProxy {
  host = '127.0.0.1';
  port;
  lost = 0; // answers that were
  #listener;

  constructor(server, cut) {
    this.#listener = createServer((client) => {
      const upstream = connect(server.port, server.host);
      for (const socket of [client, upstream]) socket.on('error', () => {}); // of a connection that was cut
      let asked = '';
      client.on('data', (bytes) => {
        asked += bytes.toString('latin1');
        upstream.write(bytes);
      });
      upstream.on('data', (bytes) => {
        if (cut(asked)) {
          this.lost++;
          client.destroy();
          upstream.destroy();
          return;
        }
        asked = '';
        client.write(bytes);
      });
      client.on('close', () => upstream.destroy());
      upstream.on('close', () => client.destroy());
    });
  }

  async start() {
    this.#listener.listen(0, this.host);
    await once(this.#listener, 'listening');
    this.port = this.#listener.address().port;
  }

  stop() {
    this.#listener.close();
  }
}
