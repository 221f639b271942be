// The official client in a real browser: a page of one origin, a server of another, so that CORS is asked for everything.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { launch } from './harness/chromium.js';
import { SERVER_KEY } from './harness/player.js';
import { Server } from './harness/server.js';

const require = createRequire(import.meta.url);
const script = (name, file) => join(dirname(require.resolve(name)), file);

const FILES = {
  '/nakama.mjs': script('@heroiclabs/nakama-js', 'nakama-js.esm.mjs'),
  '/protobuf.mjs': script('@heroiclabs/nakama-js-protobuf', 'nakama-js-protobuf.esm.mjs'),
};

// page serves an empty page, and the client to it.
async function page() {
  const pages = createServer(async (request, response) => {
    const file = FILES[request.url];
    response.setHeader('Content-Type', file ? 'text/javascript' : 'text/html');
    response.end(file ? await readFile(file) : '<!doctype html><title>a game</title>');
  });
  pages.listen(0, '127.0.0.1');
  await once(pages, 'listening');
  return pages;
}

// play runs in the browser: two players of one page, who do a little of everything.
async function play({ host, port, key, format }) {
  const { Client } = await import('/nakama.mjs');
  const { WebSocketAdapterPb } = await import('/protobuf.mjs');
  const id = Math.random().toString(36).slice(2);
  const online = async (name) => {
    const client = new Client(key, host, port);
    const session = await client.authenticateCustom(`browser-${name}-${id}`, true, `${name}-${id}`);
    const socket = client.createSocket(false, false, format === 'protobuf' ? new WebSocketAdapterPb() : undefined);
    await socket.connect(session, false);
    return { client, session, socket };
  };
  const [ann, bob] = [await online('ann'), await online('bob')];
  const done = {};

  await ann.client.updateAccount(ann.session, { display_name: 'Ann' }); // PUT
  done.name = (await ann.client.getAccount(ann.session)).user.display_name;
  const object = { collection: 'saves', key: 'one', value: { level: 3 } };
  await ann.client.writeStorageObjects(ann.session, [object]);
  const read = { object_ids: [{ collection: 'saves', key: 'one', user_id: ann.session.user_id }] };
  done.level = (await ann.client.readStorageObjects(ann.session, read)).objects[0].value.level;
  done.deleted = await ann.client.deleteNotifications(ann.session, []); // DELETE
  done.refused = await ann.client.rpc(ann.session, 'refuse', 'typed').then(() => 'no', (response) => response.json());

  const heard = new Promise((resolve) => {
    bob.socket.onmatchdata = (m) => resolve(new TextDecoder().decode(m.data));
  });
  const match = await ann.socket.createMatch();
  await bob.socket.joinMatch(match.match_id);
  await ann.socket.sendMatchState(match.match_id, 7, 'from a browser');
  done.heard = await heard;
  done.rpc = JSON.parse((await ann.socket.rpc('enter', id)).payload).size;
  ann.socket.disconnect(false);
  bob.socket.disconnect(false);
  return done;
}

describe('in a browser', () => {
  const server = new Server('LOBBY_BIN');
  let pages, browser;
  before(async () => {
    await server.start();
    pages = await page();
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    pages?.close();
    await server.stop();
  });

  for (const format of ['json', 'protobuf']) {
    it(`the client plays from a page of another origin, over ${format}`, async () => {
      const tab = await browser.newPage();
      const preflights = [];
      const cdp = await tab.context().newCDPSession(tab);
      await cdp.send('Network.enable');
      cdp.on('Network.requestWillBeSent', ({ request }) => request.method === 'OPTIONS' && preflights.push(request.url));
      await tab.goto(`http://127.0.0.1:${pages.address().port}/`);
      const done = await tab.evaluate(play, { host: server.host, port: server.port, key: SERVER_KEY, format });
      assert.deepEqual(done, {
        name: 'Ann', level: 3, deleted: true, heard: 'from a browser', rpc: 1,
        refused: { code: 9, message: 'not now', error: 'not now' },
      });
      assert.ok(preflights.length > 0, 'the browser asked first');
      await tab.close();
    });
  }
});
