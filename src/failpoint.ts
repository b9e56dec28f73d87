/**
 * Named points at which a test may stop this process dead, to prove that a kill at any instruction is survived.
 * They do nothing unless HATSTAND_FAILPOINTS is set, e.g. `settle.committed@3=kill`: at the third passing, kill -9.
 */

/** Every point; the crash matrices (test/scenarios/crash-matrix.test.ts, test/faults/crash.test.ts) have an entry for each. */
export const failpoints = [
  'push.received',
  'push.before_commit',
  'push.committed',
  'push.kept',
  'claim.before_commit',
  'claim.committed',
  'claim.taken',
  'dispatch.before_send',
  'dispatch.answered',
  'settle.before_commit',
  'settle.committed',
  'settle.done',
  'retry.before_commit',
  'retry.committed',
  'retry.done',
  'change.before_commit',
  'change.committed',
  'change.done',
  'publish.received',
  'publish.before_commit',
  'publish.committed',
  'publish.kept',
] as const;
export type Failpoint = (typeof failpoints)[number];

interface Plan {
  readonly point: string;
  readonly at: number;
}

const plan = readPlan(process.env['HATSTAND_FAILPOINTS']);
let passed = 0;

function readPlan(text: string | undefined): Plan | null {
  if (text === undefined || text === '') return null;
  const match = /^([a-z_.]+)@(\d+)=kill$/.exec(text);
  const point = match?.[1];
  if (point === undefined || !(failpoints as readonly string[]).includes(point)) {
    throw new Error(
      `HATSTAND_FAILPOINTS must be <failpoint>@<n>=kill with a failpoint of ${failpoints.join(', ')}, not ${JSON.stringify(text)}`,
    );
  }
  return { point, at: Number(match?.[2]) };
}

/** Whether one is set; asked where naming the points would cost something. */
export const hasFailpoint = plan !== null;

export function failpoint(point: Failpoint): void {
  if (plan?.point !== point) return;
  passed += 1;
  if (passed === plan.at) process.kill(process.pid, 'SIGKILL');
}
