// What stands over the arena: the score, the countdown, and who has won.

import { FIGHT, LOBBY, MATCH_OVER, ROUND_OVER } from './authoritative.js';
import { $, scores, shown } from './screens.js';

let lastScores = '';

// overlay writes it for a scene of a game. Final is who played the match, once it is over.
export function overlay(scene, { game, final, rules, connected }) {
  const { roster, seat } = game;
  const dead = new Set(scene.fish.filter((f) => !f.alive).map((f) => f.seat));
  const now = JSON.stringify([roster.players.map((p) => p && [p.name, p.wins]), [...dead]]);
  if (now !== lastScores) scores(roster, (i) => !dead.has(i));
  lastScores = now;
  write($('net'), game.kind === 'relayed' ? 'relayed' : seat < 0 ? 'Watching' : `${game.latency ?? '–'} ms`);
  write($('banner'), connected ? banner(scene, { game, final, rules }) : 'Reconnecting…');
}

function write(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

function banner(scene, { game, final, rules }) {
  const { roster, seat } = game, { phase } = scene;
  if (phase === LOBBY) return game.watching ? 'Getting ready…' : '';
  if (phase === FIGHT && scene.freeze > 0) return String(Math.ceil(scene.freeze / rules.tick_rate));
  if (phase === FIGHT && scene.age < rules.freeze + rules.tick_rate && scene.age > 3) return 'Fight!';
  if (phase === ROUND_OVER || phase === MATCH_OVER) {
    if (shown() === 'winner' || shown() === 'leaderboard') return '';
    if (scene.winner < 0) return 'A draw!';
    const name = (final ?? roster.players)[scene.winner]?.name ?? 'Somebody';
    if (phase === MATCH_OVER) return scene.winner === seat ? 'You win!' : `${name} wins!`;
    return scene.winner === seat ? 'You survived!' : `${name} survives`;
  }
  return '';
}
