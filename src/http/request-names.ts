import type { IncomingMessage } from 'node:http';
import { holdsPersonNumber, isFault, parsePersonNumber } from '#domain';

const REQUEST_ID = /^[A-Za-z0-9._-]{1,128}$/;
const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The request's id as its caller names it; nothing if it has none, or one that is not safe to log and to answer. */
export function sentRequestId({ headers }: IncomingMessage): string | undefined {
  const sent = headers['x-request-id'];
  return typeof sent === 'string' && REQUEST_ID.test(sent) && !holdsPersonNumber(sent) ? sent : undefined;
}

const ELEVEN_DIGITS = /(?<![0-9])[0-9]{11}(?![0-9])/g;

/**
 * The trace that the request is part of (W3C Trace Context §3.2, version 00); nothing if it has none, one of another form, or one that holds a person
 * number. Its ids are random: three in a hundred have eleven digits on end, which are hardly ever a number that anybody has.
 */
export function sentTraceparent({ headers }: IncomingMessage): string | undefined {
  const sent = headers['traceparent'];
  if (typeof sent !== 'string' || !TRACEPARENT.test(sent)) return undefined;
  return sent.match(ELEVEN_DIGITS)?.some((digits) => !isFault(parsePersonNumber(digits))) === true ? undefined : sent;
}
