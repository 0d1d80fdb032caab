import { section, type ValuesOf } from '#settings';
import { tokenSettings } from './token/settings.js';

/** Our own Maskinporten. */
export const maskinportenSettings = section('Maskinporten', tokenSettings);

/** The values of the section. */
export type MaskinportenSettings = ValuesOf<(typeof maskinportenSettings)['settings']>;
