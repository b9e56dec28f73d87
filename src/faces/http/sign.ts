/** What every answer carries: that it is ours, and that it is what it says it is, so that no browser takes text for a page. */
import { signHeader } from '../../core/sign.ts';

export const sign = (version: string): Readonly<Record<string, string>> => ({ [signHeader]: version, 'x-content-type-options': 'nosniff' });
