/** A trigger as JSON. Written by hand: its message goes in as the text it came as. */
import { formatDuration } from '../../../core/duration.ts';
import { writtenStartBefore } from '../../../core/expiry.ts';
import type { OwnedJob } from '../../../core/owned.ts';
import { shownHeaders, shownUrl } from '../../../core/secret.ts';
import { type IsServed, isUnserved } from '../../../core/serving.ts';
import { hookPath, type Trigger } from '../../../core/trigger.ts';
import { standingOf } from '../../../core/trigger-standing.ts';
import { writtenUnique } from '../../../core/unique.ts';
import type { TriggerRecord } from '../../../engine/api/trigger-record.ts';

const isoTime = (millis: number): string => new Date(millis).toISOString();
const isoTimeOrNull = (millis: number | null): string | null => (millis === null ? null : isoTime(millis));
const durationOrNull = (millis: number | null): string | null => (millis === null ? null : formatDuration(millis));

/** The schema `Trigger`. `now`: the store's present. */
export function triggerJson(record: TriggerRecord, isServed: IsServed, now: number): string {
  const { ref, trigger, definition } = record;
  const text = JSON.stringify({
    ...{ id: ref.id, domain: ref.domain, type: trigger.type, arguments: trigger.arguments, timeZone: trigger.timeZone },
    daylight: trigger.schedule?.kind === 'cron' ? { gap: trigger.schedule.gap, fold: trigger.schedule.fold } : null,
    ...jobFields(trigger),
    missed: { ...trigger.missed, lateness: durationOrNull(trigger.missed.lateness) },
    overlap: trigger.overlap,
    debounce:
      trigger.debounce === null ? null : { wait: formatDuration(trigger.debounce.wait), maxWait: durationOrNull(trigger.debounce.maxWait) },
    jitter: formatDuration(trigger.jitter),
    endsAt: isoTimeOrNull(trigger.endsAt),
    ...standing(record, now),
    ...hookFields(record),
    ...owned(record),
    // Those of clients are begun by whoever launches them.
    unserved: trigger.type !== '@client' && isUnserved({ ...trigger.job, state: 'queued' }, isServed),
    ...{ version: definition.version, createdAt: isoTime(trigger.createdAt), changedAt: isoTime(definition.changedAt) },
  });
  return `${text.slice(0, -1)},"message":${trigger.job.payload ?? 'null'}}`;
}

function jobFields({ job, forwardLogs }: Trigger): object {
  const { queue, priority, name, comment, headers } = job;
  const { timeout, totalTimeout = null, retry, onLost, rules, unique, startBefore } = job.options;
  const waits = { backoff: formatDuration(retry.backoff), maxBackoff: formatDuration(retry.maxBackoff) };
  const options = { queue, priority, name, comment, headers: shownHeaders(headers ?? {}), timeout: durationOrNull(timeout) };
  return {
    worker: job.worker,
    url: shownUrl(job.url),
    options: {
      ...options,
      totalTimeout: durationOrNull(totalTimeout),
      retry: { attempts: retry.attempts, ...waits },
      onLost,
      rules,
      forwardLogs: forwardLogs === true,
      unique: unique === undefined ? null : writtenUnique(unique),
      startBefore: writtenStartBefore(startBefore),
    },
  };
}

function standing({ trigger, definition }: TriggerRecord, now: number): object {
  const { status, pausedUntil, skip, nextAt, outlasted } = standingOf(definition, trigger, now);
  const { window } = definition;
  return {
    status,
    reason: trigger.bad ?? '',
    pausedUntil: isoTimeOrNull(pausedUntil),
    skip,
    nextAt: isoTimeOrNull(nextAt),
    outlasted,
    window: window === null ? null : { ...window, openedAt: isoTime(window.openedAt), closesAt: isoTimeOrNull(window.closesAt) },
  };
}

const hookFields = ({ ref, trigger: { hook } }: TriggerRecord): object => ({
  webhook: hook === null ? null : hookPath(ref, hook.token),
  signed: hook?.secret != null,
});

function owned({ definition: { owned: facts } }: TriggerRecord): object {
  const { live, newest, succeeded, failed, manual } = facts;
  return { live, newest: lastJson(newest), succeeded: lastJson(succeeded), failed: lastJson(failed), launched: lastJson(manual) };
}

const lastJson = (job: OwnedJob | null): object | null =>
  job === null ? null : { job: job.id, at: isoTime(job.at), end: job.end, error: job.error };
