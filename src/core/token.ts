/** What a server's token must be to keep somebody out who guesses. */

/** Characters; `openssl rand -hex 16` gives twice as many. */
const shortest = 16;

/** `null`: it is long enough. The token itself is not told. */
export const tokenWarning = (token: string): string | null =>
  token.length >= shortest
    ? null
    : `The token has ${token.length} characters and can be guessed: use ${shortest} or more, such as openssl rand -hex 24 makes.`;
