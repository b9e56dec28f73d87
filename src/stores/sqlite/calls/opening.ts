/** What the store's threads are opened with. */
import type { WriterSettings } from '../file/database.ts';
import type { Lock } from '../file/lock.ts';
import type { OwnFiles } from '../file/own-files.ts';

export interface WriterData extends WriterSettings {
  readonly file: string;
  /** By which it was opened: links may lead from there to the file. */
  readonly name: string;
  /** Its file. */
  readonly lock: Pick<Lock, 'inode' | 'isNew'>;
  /** Part of every job id. */
  readonly serverId: number;
  readonly ballastFile: string;
  /** `0`: no ballast. */
  readonly ballastBytes: number;
  /** Answers wait until the disk has what they tell. */
  readonly synced: boolean;
}

export interface ReaderData {
  readonly file: string;
  /** What the writer has open. */
  readonly files: OwnFiles;
}
