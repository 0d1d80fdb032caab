import type { Orgnr } from '#domain';
import type { RemotePlace } from '../gateway-call.js';
import type { Registry } from './registry.js';

export function remoteRegistry(_place: RemotePlace, _orgnr: Orgnr | undefined): Registry {
  throw new TypeError('to come');
}
