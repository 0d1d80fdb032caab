import { isIP } from 'node:net';
import { Expected, integer, oneOf, optional, path, type Reader, section, setting, text, type ValuesOf } from '#settings';

const KIB = 1024;
const MIB = 1024 * KIB;

/** Where a collector is: an http(s) URL that `/logs` is put behind. */
const collectorUrl: Reader<string> = {
  type: 'URL',
  read(written) {
    const given = text.read(written);
    const url = URL.canParse(given) ? new URL(given) : undefined;
    const isBare = url !== undefined && `${url.search}${url.hash}${url.username}${url.password}` === '';
    if (!isBare || !/^https?:$/.test(url.protocol)) {
      throw new Expected('an http(s) URL without user, query and fragment, such as https://collector.example.no');
    }
    return url.href.replace(/\/+$/, '');
  },
};

/** One part of a path. */
const partition: Reader<string> = {
  type: 'text',
  read(written) {
    const given = text.read(written);
    if (!/^(?!\.+$)[\w.-]+$/.test(given)) throw new Expected('letters, digits, `.`, `_` and `-`');
    return given;
  },
};

/** Whether decisions are logged, how much of the log is kept, and where it is sent. */
export const decisionSettings = section(
  'Decision log',
  {
    decisionLog: setting(oneOf('durable', 'off'), {
      fallback: 'durable',
      about:
        'Each decision is written to `decisions` in the data folder, in OPA’s event format. `durable`: before the answer leaves, so that no end of the process loses it; `off`: not at all.',
    }),
    decisionLogWhenFull: setting(oneOf('drop', 'refuse'), {
      fallback: 'drop',
      about:
        'While a decision cannot be written (disk full, folder not usable, or all that is kept is still to be sent). `drop`: decisions go on, those that are not written are counted, told by readiness and in the log itself; `refuse`: they are answered with 503 (`decision-log-unavailable`).',
    }),
    decisionLogBytes: setting(integer(MIB, 2 ** 46), {
      fallback: 4096 * MIB,
      about:
        'How much of the decision log is kept on this disk, in bytes, by all processes together; the oldest goes first. What is still to be sent to a collector never goes.',
    }),
    decisionLogDays: setting(integer(1, 3650), {
      fallback: 30,
      about: 'For how many days it is kept here at most, once it has been sent where it is sent anywhere.',
    }),
    decisionLogSegmentBytes: setting(integer(64 * KIB, 1024 * MIB), {
      fallback: 64 * MIB,
      about: 'Size at which a file of it is followed by the next, in bytes.',
    }),
    decisionLogSegmentMinutes: setting(integer(1, 10_080), { fallback: 60, about: 'Age at which it is, in minutes.' }),
    decisionLogUrl: optional(collectorUrl, {
      otherwise: 'not sent',
      about: 'A collector that takes OPA’s decision logs: they are sent to `<url>/logs` as gzipped JSON arrays. No redirect is followed.',
    }),
    decisionLogPartition: optional(partition, { otherwise: 'none', about: 'Sent to `<url>/logs/<partition>` instead.' }),
    decisionLogTokenFile: optional(path, {
      otherwise: 'none',
      about: 'File with the bearer token for the collector; read for each sending.',
    }),
    decisionLogUploadBytes: setting(integer(KIB, 64 * MIB), {
      fallback: 32 * KIB,
      about: 'Largest body that is sent, compressed, in bytes.',
    }),
    decisionLogMinDelayMs: setting(integer(10, 3_600_000), {
      fallback: 5000,
      about: 'Pause between two sendings when all goes well, in milliseconds; what has piled up is sent without one.',
    }),
    decisionLogMaxDelayMs: setting(integer(10, 86_400_000), {
      fallback: 300_000,
      about: 'Longest pause between two attempts while the collector fails, in milliseconds: it doubles from the shortest to this.',
    }),
  },
  (values) => [
    ...(values.decisionLogSegmentBytes > values.decisionLogBytes / 4
      ? [
          {
            pointer: '/decisionLogSegmentBytes',
            detail: 'decisionLogSegmentBytes must be at most a quarter of decisionLogBytes: a file is what can be taken away',
          },
        ]
      : []),
    ...(values.decisionLogMinDelayMs > values.decisionLogMaxDelayMs
      ? [{ pointer: '/decisionLogMinDelayMs', detail: 'decisionLogMinDelayMs must be at most decisionLogMaxDelayMs' }]
      : []),
    ...(['decisionLogPartition', 'decisionLogTokenFile'] as const)
      .filter((key) => values[key] !== undefined && values.decisionLogUrl === undefined)
      .map((key) => ({ pointer: `/${key}`, detail: `${key} is of no use without decisionLogUrl` })),
    ...(values.decisionLogTokenFile !== undefined && !isPrivate(values.decisionLogUrl)
      ? [{ pointer: '/decisionLogUrl', detail: 'decisionLogUrl must be https where a token is sent, unless it is on this machine' }]
      : []),
  ],
);

function isPrivate(url: string | undefined): boolean {
  if (url === undefined) return true;
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || hostname === 'localhost' || hostname === '[::1]' || (isIP(hostname) === 4 && hostname.startsWith('127.'));
}

/** The values of the section. */
export type DecisionSettings = ValuesOf<(typeof decisionSettings)['settings']>;
