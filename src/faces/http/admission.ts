/** Which jobs a worker takes over HTTP: what this process knows of it, and what the nodes say that serve it, wherever they are. */
import { taken } from '../../core/run-limits.ts';
import type { Api } from '../../engine/api/api.ts';
import type { HttpOptions } from './options.ts';

export function admission({ serving }: Pick<Api, 'serving'>, { token, admit }: HttpOptions): NonNullable<HttpOptions['admit']> {
  return async (job, what) => {
    const known = admit === undefined ? job : await admit(job, what);
    // Who has the token administers.
    return token === null ? taken(known, await serving.rulesOf(job.worker), false) : known;
  };
}
