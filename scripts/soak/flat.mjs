// What a soak measures, minute by minute, and whether it stayed flat.
import { readdirSync, readFileSync } from 'node:fs';

/** Resident memory in bytes, and open descriptors. */
export function lookAt(pid) {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return { rss: Number(kilobytes) * 1_024, descriptors: readdirSync(`/proc/${pid}/fd`).length };
}

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

export function percentile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

/** Descriptors come and go with connections; these more are no leak. */
const descriptorSlack = 10;

/** What is compared with the later minutes: the second half of the warm-up. */
const baseOf = (minutes, warmUp, name) => median(minutes.slice(Math.floor(warmUp / 2), warmUp).map((minute) => minute[name]));

/**
 * @param minutes each with the medians of its seconds: `rss` in bytes, `descriptors`
 * @param warmUp so many minutes are not judged
 */
export function judge(minutes, warmUp) {
  const later = minutes.slice(warmUp);
  const rss = { base: baseOf(minutes, warmUp, 'rss'), worst: Math.max(...later.map((minute) => minute.rss)) };
  const descriptors = {
    base: baseOf(minutes, warmUp, 'descriptors'),
    worst: Math.max(...later.map((minute) => minute.descriptors)),
  };
  return {
    rss: { ...rss, flat: rss.worst <= rss.base * 1.1 },
    descriptors: { ...descriptors, flat: descriptors.worst <= Math.max(descriptors.base * 1.1, descriptors.base + descriptorSlack) },
  };
}
