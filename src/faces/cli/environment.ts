/** Variables of the environment that look like ours and are not known. */
import { defaultEnvName, envName, keyNames } from '../../config/keys.ts';
import { nearest } from '../../core/nearest.ts';

const prefix = 'HATSTAND_';
/** What the command line itself knows, and what tests set. */
const ownNames = ['HATSTAND_ADDRESS', 'HATSTAND_TOKEN', 'HATSTAND_CONFIG', 'HATSTAND_FAILPOINTS'];
/** Container platforms set these for a service that is called hatstand. */
const ofPlatforms = /^HATSTAND_(SERVICE_(HOST|PORT)(_\w+)?|PORT(_\d+_\w+)?|(ENV_\w+)|NAME)$/;

/** Those of ours that are set to nothing: they count as not set, which whoever passes a variable on may not know. */
export function emptyVariables(env: Readonly<Record<string, string | undefined>>, ofServer: boolean): readonly string[] {
  const known = [...ownNames, ...(ofServer ? [...keyNames.map(envName), ...keyNames.map(defaultEnvName)] : [])];
  return [...new Set(known)]
    .filter((name) => env[name] === '')
    .map((name) => `The environment variable ${name} is empty, which counts as not set.`);
}

/** One sentence for each that is probably misspelt: it would be passed over without a word. */
export function misspeltVariables(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const known = [...ownNames, ...keyNames.map(envName), ...keyNames.map(defaultEnvName)];
  return Object.keys(env).flatMap((name) => {
    if (!name.startsWith(prefix) || known.includes(name) || ofPlatforms.test(name)) return [];
    const meant = nearest(
      name.slice(prefix.length),
      known.map((each) => each.slice(prefix.length)),
    );
    return meant === null ? [] : [`The environment variable ${name} is not known and not used; did you mean ${prefix}${meant}?`];
  });
}
