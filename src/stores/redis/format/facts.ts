/** What the jobs of a definition did (facts.lua): a line for each facet. */
import { isJobId, timeOfId } from '../../../core/id.ts';
import { hasEnded } from '../../../core/job.ts';
import { type EndCounts, facets, mapFacets, noEnds, noFacts, type OwnedFacts, type OwnedJob } from '../../../core/owned.ts';
import { paddedId, plainId } from './ids.ts';
import { stateDigit, stateOf } from './states.ts';
import { noWord, timeOrNull } from './words.ts';

export function readFacts(text: string | null): OwnedFacts {
  if (text === null) return noFacts;
  const lines = text.split('\n');
  return { ...mapFacets((facet) => readFact(lines[facets.indexOf(facet)] ?? noWord)), gone: readGone(lines[facets.length] ?? '') };
}

/** `null`, too, for what was damaged: the scrub makes it anew. */
function readFact(line: string): OwnedJob | null {
  if (line === noWord) return null;
  try {
    return factOn(line);
  } catch {
    return null;
  }
}

function factOn(line: string): OwnedJob {
  const [padded = '', at = '', end = ''] = line.split(' ', 3);
  const id = plainId(padded);
  const state = end === noWord ? null : stateOf(end);
  const error = JSON.parse(line.slice(padded.length + at.length + end.length + 3)) as unknown;
  if (!isJobId(id) || typeof error !== 'string') throw new Error('its words make no fact');
  return { id, at: timeOrNull(at) ?? timeOfId(id), end: state !== null && hasEnded(state) ? state : null, error };
}

/** Nothing for what was damaged, too. */
function readGone(line: string): EndCounts {
  const [, succeeded, failed, canceled] = /^(\d{1,15}) (\d{1,15}) (\d{1,15})$/.exec(line) ?? [];
  return succeeded === undefined ? noEnds : { succeeded: Number(succeeded), failed: Number(failed), canceled: Number(canceled) };
}

export const factsText = (facts: OwnedFacts): string => [...facets.map((facet) => factText(facts[facet])), ...goneText(facts)].join('\n');

function goneText({ gone: { succeeded, failed, canceled } }: OwnedFacts): readonly string[] {
  return succeeded + failed + canceled === 0 ? [] : [`${succeeded} ${failed} ${canceled}`];
}

const factText = (fact: OwnedJob | null): string =>
  fact === null
    ? noWord
    : `${paddedId(fact.id)} ${fact.at} ${fact.end === null ? noWord : stateDigit(fact.end)} ${JSON.stringify(fact.error)}`;
