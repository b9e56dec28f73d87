// Brings what is missing, in order: Node, dependencies, build. Cheap when nothing is.
import { build, isBuilt } from './build.mjs';
import { areInstalled, install } from './dependencies.mjs';
import { withLock } from './lock.mjs';
import { bringNode, findNode } from './node.mjs';

/**
 * Answers the Node to run with. Several processes may prepare at once: one works, the others wait for it.
 *
 * `build`: `'when needed'`, `'always'` or `'never'`.
 */
export async function prepare(wanted) {
  const mustBuild = () => wanted.build === 'always' || (wanted.build === 'when needed' && !isBuilt());
  const found = findNode();
  if (found !== null && areInstalled() && !mustBuild()) return found;
  return await withLock('prepare', async () => {
    const node = findNode() ?? (await bringNode());
    if (!areInstalled()) await install(node);
    if (mustBuild()) await build(node, { whole: wanted.build === 'always' });
    return node;
  });
}
