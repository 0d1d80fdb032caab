import type { LocalizedText } from '#domain';
import type { Context } from './state.js';

/** A language that texts are written in. */
export type Language = keyof LocalizedText;

/** The one of nb, nn and en that Accept-Language prefers; undefined if it is not sent, or names none of them. */
export function acceptedLanguage(ctx: Context): Language | undefined {
  if (ctx.get('Accept-Language') === '') return undefined;
  const accepted = ctx.acceptsLanguages('nb', 'no', 'nn', 'en');
  if (accepted === false) return undefined;
  return accepted === 'no' ? 'nb' : (accepted as Language);
}
