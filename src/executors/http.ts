/** Runs a job by POSTing it to its URL. HQ's rules and `/v1`'s stricter ones differ in headers, redirects and what succeeds. */
import { jobLimits } from '../core/new-job.ts';
import type { Executor } from '../ports/executor.ts';
import { runAttempt, targetOutcome } from './http-attempt.ts';
import { notDone, unsendable } from './http-outcome.ts';
import { OriginPools } from './http-pools.ts';
import { headersOf } from './http-request.ts';
import { Stop } from './http-stop.ts';
import { parseTarget } from './http-target.ts';

interface HttpExecutorOptions {
  /** Stands in the User-Agent: `HQ/<version>`, or `Hatstand/<version>` under `/v1`. */
  readonly version: string;
  /** Bytes of an answer that are kept. Default: 1 MiB. */
  readonly outputBytes?: number;
}

/** Connections are kept alive between attempts until `close`, which ends what is still under way as `returned`. */
export function makeHttpExecutor({ version, outputBytes = jobLimits.outputBytes }: HttpExecutorOptions): Executor {
  const pools = new OriginPools();
  return {
    async run(job, signal) {
      if (pools.closed) return { kind: 'returned' };
      const target = parseTarget(job.url);
      if ('fault' in target) return targetOutcome(target, job);
      const headers = headersOf(job, version);
      if ('cause' in headers) return unsendable(headers.cause, job.options, notDone(target.shown));
      const stop = new Stop(signal, job.options.timeout);
      try {
        return await runAttempt(job, target, { headers, outputBytes, pools, stop });
      } finally {
        stop.release();
      }
    },
    close: () => pools.close(),
  };
}
