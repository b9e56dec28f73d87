/** What is right in a configuration and lets somebody in who should not be. */
import { statSync } from 'node:fs';
import { hideLogin } from '../core/login.ts';
import { isOpenToOthers, modeText, opennessOf, whoMay } from '../core/rights.ts';
import { tokenWarning } from '../core/token.ts';
import type { Given } from './given.ts';
import { fileName } from './keys.ts';
import type { Config, Settings } from './settings.ts';

/** What somebody should see to, each in whole sentences. */
export function risksOf(config: Omit<Config, 'warnings'>, given: readonly Given[]): readonly string[] {
  const { configFile, token, storeTlsKey, logFile, accessLogFile } = config;
  const short = token === null ? null : tokenWarning(token);
  return [
    ...(configFile === null ? [] : openSecrets(configFile, given)),
    ...(storeTlsKey === null ? [] : openFile(storeTlsKey, 'holds a private key')),
    ...[...new Set([logFile, accessLogFile])].flatMap((file) => (file === null ? [] : openFile(file, 'is a log'))),
    ...given.filter((each) => each.where.startsWith('--') && isSecret(each)).map(onCommandLine),
    ...(short === null ? [] : [short]),
  ];
}

function openSecrets(configFile: string, given: readonly Given[]): readonly string[] {
  const secrets = given.filter((each) => each.where.startsWith(`${configFile}: `) && isSecret(each)).map(({ name }) => fileName(name));
  return secrets.length === 0 ? [] : openFile(configFile, `holds ${secrets.join(' and ')}`);
}

/** A group that may read it is meant to, such as that of the service. */
function openFile(file: string, what: string): readonly string[] {
  // On Windows, rights are not in modes.
  if (process.platform === 'win32') return [];
  const openness = opennessOf(file, modeOf) & 0o027;
  if (!isOpenToOthers(openness) && (openness & 0o020) === 0) return [];
  const mode = modeText(modeOf(file));
  return [`${file} ${what} and has the rights ${mode}: ${whoMay(openness)}. Take them away: chmod g-w,o-rwx ${file}`];
}

const modeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mode ?? 0;

const secretKeys: readonly (keyof Settings)[] = ['token', 'storePassword', 'storeSentinelPassword'];

function isSecret({ name, raw }: Given): boolean {
  if (typeof raw !== 'string' || raw === '') return false;
  return secretKeys.includes(name) || (name === 'store' && hideLogin(raw) !== raw);
}

const onCommandLine = ({ name, where }: Given): string =>
  `${where} is on the command line, where other users of the machine may have seen it. Set ${fileName(name)} in the file or the environment.`;
