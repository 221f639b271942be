// The authoritative match of the Fish Game example, as its clients know it.

import assert from 'node:assert/strict';

export const OP_SAY = 1; // client to server: comes back to the sender as OP_ECHO
export const OP_ECHO = 2;
export const OP_TICK = 3; // server to all, about once a tick: {"tick": n}
export const OP_GOODBYE = 99; // server to all, from Terminate

// create makes one by RPC and returns its id.
export async function create(player) {
  const { payload } = await player.client.rpc(player.session, 'create_match', {});
  assert.match(payload.match_id, /^[0-9a-f-]{36}\.[^.]+$/, 'an authoritative match has its node in its id');
  return payload.match_id;
}

// list finds open ones by label, and returns the one with this id.
export async function list(player, id) {
  const query = '+label.mode:fish +label.open:T';
  const { matches = [] } = await player.client.listMatches(player.session, 100, true, undefined, undefined, undefined, query);
  const found = matches.find((match) => match.match_id === id);
  assert.ok(found, `${id} is not among the ${matches.length} listed`);
  return { ...found, label: JSON.parse(found.label) };
}

export const withOp = (op) => (data) => data.op_code === op;
