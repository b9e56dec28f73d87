/** Splits a stream into its lines. */
import { TextDecoder } from 'node:util';
import { HatstandError } from '../../core/errors.ts';

/** No line may be longer, in characters; that of a job with all its attempts is shorter. */
const maxLength = 64 * 1024 * 1024;

/** Yields the lines that each chunk completes, without their ends. Throws `invalid_json` for what is not UTF-8. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>, source: string): AsyncGenerator<readonly string[]> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (chunk?: Uint8Array): string => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch {
      throw new HatstandError('invalid_json', `${source} is not UTF-8, which JSON must be.`);
    }
  };
  let begun: string[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    const [first = '', ...others] = decode(chunk).split('\n');
    begun.push(first);
    length += first.length;
    if (length > maxLength) throw new HatstandError('too_large', `${source} has a line of more than ${maxLength} characters.`);
    const last = others.pop();
    if (last === undefined) continue;
    yield [begun.join(''), ...others];
    begun = [last];
    length = last.length;
  }
  const rest = begun.join('') + decode();
  if (rest !== '') yield [rest];
}
