import type { Orgnr } from '#domain';
import type { OpenAccess } from '../ports.js';
import type { Registry } from './registry.js';

export function localRegistry(_opened: OpenAccess, _orgnr: Orgnr | undefined): Registry {
  throw new TypeError('to come');
}
