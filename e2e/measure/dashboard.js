// What somebody who watches costs the server: its CPU without and with the dashboard open in Chromium, in turn, in one run.
//
//   go build -o /tmp/bench ./examples/bench
//   (cd tools/nkload && GOWORK=off go build -o /tmp/nkload .)
//   cd e2e && npm ci && BENCH_BIN=/tmp/bench NKLOAD_BIN=/tmp/nkload node measure/dashboard.js [MATCHES [PLAYERS [ROUNDS]]]
//
// Without arguments: 2,000 matches at 10 Hz of 2 players each, 6 rounds of 4 s without and 4 s with. The machine must be
// quiet: what else runs on it, the browser too, makes the server slower.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { launch } from '../harness/chromium.js';
import { Server } from '../harness/server.js';

const KEY = 'the key of the dashboard';
const WINDOW_MS = 4_000;
const SETTLE_MS = 1_500; // after the page was opened or closed
const [matches, players, rounds] = [2000, 2, 6].map((usual, i) => Number(process.argv[2 + i] ?? usual));

// busy is how many seconds of CPU the threads of a process have had.
async function busy(pid) {
  let ns = 0;
  for (const thread of await readdir(`/proc/${pid}/task`)) {
    const stat = await readFile(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').catch(() => '0'); // it has ended
    ns += Number(stat.split(' ')[0]);
  }
  return ns / 1e9;
}

// cores is how much CPU a process uses in the next seconds.
async function cores(pid) {
  const [before, from] = [await busy(pid), performance.now()];
  await sleep(WINDOW_MS);
  return (await busy(pid) - before) / ((performance.now() - from) / 1000);
}

// load starts nkload, and waits until all matches run.
async function load(server) {
  const seconds = Math.ceil(rounds * 2 * (WINDOW_MS + SETTLE_MS) / 1000) + 60;
  const args = ['authoritative', '-matches', matches, '-players', players, '-send', 1, '-rate', 10,
    '-addr', `${server.host}:${server.port}`, '-duration', `${seconds}s`];
  const nkload = spawn(process.env.NKLOAD_BIN, args.map(String), { stdio: 'ignore' });
  await once(nkload, 'spawn');
  const headers = { Authorization: `Bearer ${KEY}` };
  const figure = (text, name) => Number(text.match(new RegExp(`^${name} (.*)$`, 'm'))?.[1] ?? 0);
  for (;;) {
    const text = await (await fetch(`http://${server.host}:${server.port}/metrics`, { headers })).text();
    const running = figure(text, 'shoal_matches{handler="bench"}');
    if (running >= matches && figure(text, 'shoal_match_members') >= matches * players) return nkload;
    if (nkload.exitCode !== null) throw new Error('nkload has ended before all matches ran');
    await sleep(500);
  }
}

const server = new Server('BENCH_BIN', '-db', 'memory:', '-token-ttl', '1h', '-dashboard-key', KEY);
let browser, nkload;
try {
  await server.start();
  browser = await launch();
  nkload = await load(server);
  await sleep(3 * SETTLE_MS);
  const ratios = [];
  for (let round = 1; round <= rounds; round++) {
    const without = await cores(server.pid);
    const page = await browser.newPage();
    await page.goto(`http://${server.host}:${server.port}/shoal/?key=${encodeURIComponent(KEY)}`);
    await page.locator('tr[data-id]').first().waitFor();
    await sleep(SETTLE_MS);
    const watched = await cores(server.pid);
    await page.close();
    await sleep(SETTLE_MS);
    if (nkload.exitCode !== null) throw new Error('nkload has ended too soon');
    ratios.push(watched / without);
    console.log(`round ${round}: ${without.toFixed(3)} cores without, ${watched.toFixed(3)} with the dashboard open`);
  }
  ratios.sort((a, b) => a - b);
  const percent = (ratio) => `${((ratio - 1) * 100).toFixed(1)} %`;
  const median = (ratios[Math.floor((rounds - 1) / 2)] + ratios[Math.floor(rounds / 2)]) / 2;
  console.log(`${matches} matches of ${players}: CPU grows by ${percent(median)} (${percent(ratios[0])} to ${percent(ratios.at(-1))})`);
} finally {
  nkload?.kill();
  await browser?.close();
  await server.stop();
}
