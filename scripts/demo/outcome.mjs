// What should have become of each job, and what did.

/** By the path it is POSTed to: /fail answers 500 each time, /flaky 503 the first time. */
function expectedOf(job) {
  const { pathname } = new URL(job.url);
  if (pathname === '/fail') return { state: 'failed', attempt: 3 };
  return { state: 'succeeded', attempt: pathname === '/flaky' ? 2 : 1 };
}

/** One line for each job that did not end as it should. */
export function differences(jobs) {
  return jobs.flatMap((job) => {
    const { state, attempt } = expectedOf(job);
    if (job.state === state && job.attempt === attempt) return [];
    return [`  ${job.id} ${job.name}: ${state} at attempt ${attempt} was expected, it is ${job.state} at ${job.attempt}. ${job.error}`];
  });
}

/** The figures of the table; times in milliseconds. */
export function summarize(jobs, pushed) {
  const wanted = jobs.map(expectedOf);
  const count = (list, holds) => list.filter(holds).length;
  const row = (holds) => ({ expected: count(wanted, holds), got: count(jobs, holds) });
  const time = (job, name) => Date.parse(job[`${name}At`]);
  const percentiles = (values) => {
    const sorted = values.toSorted((a, b) => a - b);
    return { p50: sorted[Math.ceil(sorted.length * 0.5) - 1], p95: sorted[Math.ceil(sorted.length * 0.95) - 1] };
  };
  // A delay or a backoff is no work: the rate is that of the jobs that could start at once and needed one attempt.
  const plain = jobs.filter((job) => job.attempt === 1 && time(job, 'due') - time(job, 'created') < 50);
  const span = Math.max(...plain.map((job) => time(job, 'ended'))) - Math.min(...jobs.map((job) => time(job, 'created')));
  return {
    succeeded: row((job) => job.state === 'succeeded'),
    failed: row((job) => job.state === 'failed'),
    retried: row((job) => job.attempt > 1),
    wait: percentiles(jobs.map((job) => time(job, 'started') - time(job, 'due'))),
    run: percentiles(jobs.map((job) => time(job, 'ended') - time(job, 'started'))),
    pushRate: (jobs.length / pushed.millis) * 1_000,
    rate: (plain.length / Math.max(1, span)) * 1_000,
  };
}
