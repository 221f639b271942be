// Writes vectors.json: games and the ratings after them, by the npm package openskill.
//
//	npm install openskill@5.0.1
//	node vectors.mjs > vectors.json
import { rate } from 'openskill'

// A generator of its own, so that every run writes the same.
let seed = 1
const random = () => {
  seed = (seed * 48271) % 2147483647
  return seed / 2147483647
}
const int = (n) => Math.floor(random() * n)
const round = (x) => Math.round(x * 1000) / 1000

const games = []
for (let g = 0; g < 60; g++) {
  const teams = []
  for (let t = 0; t < 2 + int(4); t++) {
    const players = []
    for (let p = 0; p < 1 + int(4); p++) players.push({ mu: round(10 + 30 * random()), sigma: round(1 + 8 * random()) })
    teams.push(players)
  }
  const places = teams.map(() => 1 + int(teams.length))
  games.push({ teams, places, after: rate(teams, { rank: places }) })
}
console.log('[\n' + games.map((g) => JSON.stringify(g)).join(',\n') + '\n]')
