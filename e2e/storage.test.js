// A player keeps saves on the server, from two devices, and shows some of them to others.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { Player, refused } from './harness/player.js';
import { Server } from './harness/server.js';

const VERSION_TEXT = 'Storage write rejected - version check failed.';
const DELETE_TEXT = 'Storage delete rejected - not found, version check failed, or permission denied.';

const OWNER = 1; // permissions
const EVERYBODY = 2;

const md5 = (value) => createHash('md5').update(JSON.stringify(value)).digest('hex');

describe('storage', () => {
  const server = new Server();
  let ann, bob;

  before(async () => {
    await server.start();
    [ann, bob] = [new Player(server, 'ann'), new Player(server, 'bob')];
    await Promise.all([ann.signUp(), bob.signUp()]);
  });
  after(() => server.stop());

  const save = (key, value, more) => ({ collection: 'saves', key, value, permission_read: OWNER, permission_write: OWNER, ...more });
  const write = (who, ...objects) => who.client.writeStorageObjects(who.session, objects);
  const read = async (who, ...ids) => (await who.client.readStorageObjects(who.session, { object_ids: ids })).objects;
  const remove = (who, ...ids) => who.client.deleteStorageObjects(who.session, { object_ids: ids });

  it('what is written is read back', async () => {
    const [one, two] = [{ level: 7, name: 'žluťoučký kůň' }, { level: 8 }];
    const { acks } = await write(ann, save('two', two), save('one', one));
    assert.deepEqual(acks.map((a) => [a.collection, a.key, a.user_id, a.version]), [
      ['saves', 'two', ann.userID, md5(two)],
      ['saves', 'one', ann.userID, md5(one)],
    ]);

    const [found, ...rest] = await read(ann, { collection: 'saves', key: 'one', user_id: ann.userID });
    assert.deepEqual(rest, []);
    assert.deepEqual(found.value, one);
    assert.equal(found.version, md5(one));
    assert.equal(found.user_id, ann.userID);
    assert.equal(found.permission_read, OWNER);
    assert.equal(found.permission_write, OWNER);
    assert.ok(Math.abs(Date.parse(found.create_time) - Date.now()) < 60_000, found.create_time);
  });

  it('of two devices with the same save, the second learns of the first', async () => {
    const { acks: [first] } = await write(ann, save('shared', { coins: 1 }, { version: '*' }));
    const again = await refused(write(ann, save('shared', { coins: 1 }, { version: '*' })));
    assert.equal(again.status, 400);
    assert.deepEqual(again.body, { code: 3, message: VERSION_TEXT, error: VERSION_TEXT });

    const { acks: [second] } = await write(ann, save('shared', { coins: 2 }, { version: first.version }));
    assert.notEqual(second.version, first.version);
    const late = await refused(write(ann, save('other', {}), save('shared', { coins: 3 }, { version: first.version })));
    assert.equal(late.body.message, VERSION_TEXT);

    const found = await read(ann, ...['shared', 'other'].map((key) => ({ collection: 'saves', key, user_id: ann.userID })));
    assert.deepEqual(found.map((o) => o.value), [{ coins: 2 }], 'the batch left nothing behind');
  });

  it('of twenty first writers one wins', async () => {
    const writers = Array.from({ length: 20 }, (_, by) => write(bob, save('race', { by }, { version: '*' })));
    const results = await Promise.allSettled(writers);
    assert.equal(results.filter((r) => r.status === 'fulfilled').length, 1);
    for (const { reason } of results.filter((r) => r.status === 'rejected')) assert.equal(reason.status, 400);
  });

  it('others see what they may', async () => {
    await write(ann, { ...save('card', { strength: 9 }), collection: 'cards', permission_read: EVERYBODY });
    await write(ann, { ...save('secret', { strength: 1 }), collection: 'cards' });

    const ids = ['card', 'secret'].map((key) => ({ collection: 'cards', key, user_id: ann.userID }));
    assert.deepEqual((await read(bob, ...ids)).map((o) => o.key), ['card']);
    const list = await bob.client.listStorageObjects(bob.session, 'cards', ann.userID, 10);
    assert.deepEqual(list.objects.map((o) => o.value), [{ strength: 9 }]);
    assert.ok(!list.cursor);
  });

  it('a list comes page by page', async () => {
    const keys = ['a', 'b', 'c', 'd', 'e'];
    await write(ann, ...keys.toReversed().map((key) => ({ ...save(key, { key }), collection: 'pages' })));

    const seen = [];
    let cursor;
    do {
      const page = await ann.client.listStorageObjects(ann.session, 'pages', ann.userID, 2, cursor);
      assert.ok(page.objects.length <= 2);
      seen.push(...page.objects.map((o) => o.key));
      cursor = page.cursor;
    } while (cursor);
    assert.deepEqual(seen, keys);

    const { status, body } = await refused(ann.client.listStorageObjects(ann.session, 'pages', ann.userID, 2, 'nonsense'));
    assert.equal(status, 400);
    assert.equal(body.message, 'Malformed cursor was used.');
  });

  it('what is deleted is gone', async () => {
    const id = { collection: 'saves', key: 'gone' };
    const { acks: [ack] } = await write(ann, save('gone', { left: 1 }));
    const wrong = await refused(remove(ann, { ...id, version: md5({}) }));
    assert.equal(wrong.status, 400);
    assert.equal(wrong.body.message, DELETE_TEXT);

    await remove(ann, { ...id, version: ack.version });
    assert.deepEqual(await read(ann, { ...id, user_id: ann.userID }), []);
    const again = await refused(remove(ann, id));
    assert.equal(again.body.message, DELETE_TEXT);
  });

  it('saves survive a server that is killed, and not the account', async () => {
    const id = { collection: 'saves', key: 'kept', user_id: ann.userID };
    await write(ann, save('kept', { level: 9 }, { permission_read: EVERYBODY }));
    await server.end('SIGKILL');
    await server.start();

    [ann, bob] = await Promise.all([Player.back(server, ann), Player.back(server, bob)]);
    assert.deepEqual((await read(ann, id)).map((o) => o.value), [{ level: 9 }]);
    await ann.client.deleteAccount(ann.session);
    assert.deepEqual(await read(bob, id), []);
  });
});
