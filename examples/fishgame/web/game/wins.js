// The wins of relayed matches, which the page of the winner writes on the leaderboard.

const PAUSES_S = [1, 2, 4, 8, 16, 30, 60, 60, 60]; // from one try to the next

export class Wins {
  pending = 0; // wins that are not written yet

  #who;
  #board;
  #say;

  // say is told what becomes of a win that could not be written at once.
  constructor({ who, board, say }) {
    this.#who = who;
    this.#board = board;
    this.#say = say;
  }

  // count writes a win, and tries again for some minutes while the page is open.
  async count() {
    this.pending++;
    await this.#count(this.#who.user);
    this.pending--;
  }

  async #count(user) {
    let before; // the wins on the board until now: what was written though its answer was lost is not written again
    for (const [tries, pause] of PAUSES_S.entries()) {
      if (this.#who.user && this.#who.user !== user) return; // somebody else plays here now
      try {
        const now = await this.#written(user);
        before ??= now;
        if (now === before) await this.#who.client.score(this.#board, 1);
        if (tries > 0) this.#say('Your win is on the leaderboard now.');
        return;
      } catch {
        if (tries === 0) this.#say('Your win is not on the leaderboard yet. Trying again…');
      }
      await new Promise((resolve) => setTimeout(resolve, pause * 1000));
    }
    this.#say('Your win could not be written on the leaderboard.');
  }

  async #written(user) {
    const { own } = await this.#who.client.leaderboard(this.#board, { limit: 1, owner: user });
    return Number(own?.score ?? 0);
  }
}
