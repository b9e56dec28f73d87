/** What strace -f -y wrote, as far as a push goes: its request, the syncs of the log, its answer. */

export interface SystemCall {
  readonly what: 'request' | 'synced' | 'answer' | 'other';
}

const begun = /^(\d+) +(\w+)\((.*)$/;
const resumed = /^(\d+) +<\.\.\. (\w+) resumed>(.*)$/;

/** In the order in which reads and syncs had ended and writes had begun. */
export function readTrace(text: string): readonly SystemCall[] {
  /** By thread: the arguments of the call that it is in. */
  const underWay = new Map<string, string>();
  return text.split('\n').map((line) => {
    const [, thread = '', name = '', rest = ''] = begun.exec(line) ?? resumed.exec(line) ?? [];
    const isResumed = line.includes(' resumed>');
    const whole = isResumed ? (underWay.get(thread) ?? '') + rest : rest;
    if (!isResumed) underWay.set(thread, rest);
    const ended = !line.endsWith('<unfinished ...>');
    return { what: meaningOf(name, whole, ended, isResumed) };
  });
}

function meaningOf(name: string, call: string, ended: boolean, isResumed: boolean): SystemCall['what'] {
  if (/^f(data)?sync$/.test(name)) return ended && /hatstand\.db-wal>/.test(call) && / = 0$/.test(call) ? 'synced' : 'other';
  if (/^(read|readv|recvfrom)$/.test(name)) return ended && /"POST \/(v1\/jobs|job) /.test(call) ? 'request' : 'other';
  if (/^(write|writev|sendto|sendmsg)$/.test(name)) return !isResumed && /"HTTP\/1\.1 20[01]/.test(call) ? 'answer' : 'other';
  return 'other';
}
