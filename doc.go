// Package shoal is the map of Shoal, an embeddable library for multiplayer match servers. It holds no code; import
// the packages you need:
//
//   - match runs authoritative matches: a typed handler in, messages out; match/matchtest steps one by hand in tests.
//   - relay passes messages of client-driven matches on.
//   - matchmaker groups waiting players; matchmaker/skill rates them.
//   - party keeps groups that queue together; status tells who is online; stream sends what the host says to groups.
//   - auth signs users in and knows who is speaking.
//   - leaderboard ranks scores.
//   - storage keeps documents of players, with versions; notification tells players what happened.
//   - transport carries messages; transport/ws does so over WebSocket, transport/transporttest checks your own.
//   - gateway/nakama speaks the client protocol of Nakama and joins all of these.
//   - store/memory, store/sqlite and store/postgres (modules of their own) keep things; store/storetest checks your own
//     store.
//   - dashboard is a page that shows what happens; metrics/prom (a module of its own) tells it to Prometheus.
//   - presence, tick, query are the small words that the others share.
//
// A host builds stores, then sessions, outbox, matches and relays, matchmaker, gateway, in this order; README.md has
// one in thirty lines, docs/getting-started.md a first game, examples/fishgame a whole server.
package shoal
