import { section, type ValuesOf } from '#settings';
import { tokenFaults, tokenSettings } from './token/settings.js';

/** Our own Maskinporten. */
export const maskinportenSettings = section('Maskinporten', tokenSettings, tokenFaults);

/** The values of the section. */
export type MaskinportenSettings = ValuesOf<(typeof maskinportenSettings)['settings']>;
