import { createHash } from 'node:crypto';
import { type FaultName, faultCatalogue, type PageText } from '#maskinporten';
import type { Reply } from '../../state.js';

type Language = keyof PageText;

const STYLE =
  'body{font:1.125rem/1.6 system-ui,sans-serif;max-width:42rem;margin:3rem auto;padding:0 1rem;color:#1e2b3c;background:#fff}code{background:#eef1f4;padding:.1em .3em}h2{font-size:1.25rem}';
/** Nothing is loaded, run or framed; the one style is told by its hash. */
const CONTENT_SECURITY_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

const WORDS = {
  nb: { title: 'Feil fra token-endepunktet', meaning: 'Hva det betyr', remedy: 'Hva du kan gjøre', answer: 'Svaret', other: 'English' },
  en: { title: 'An error of the token endpoint', meaning: 'What it means', remedy: 'What to do', answer: 'The answer', other: 'Norsk' },
} as const;

/** What is told of a fault, as a page. */
export function faultPage(name: FaultName, language: Language): Reply {
  const { status, error, text, meaning, remedy } = faultCatalogue[name];
  const words = WORDS[language];
  const other = language === 'nb' ? 'en' : 'nb';
  const body = `<!doctype html>
<html lang="${language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(name)}: ${words.title}</title><style>${STYLE}</style></head>
<body>
<main>
<h1>${escaped(name)}</h1>
<p><code>${escaped(text)}</code></p>
<h2>${words.meaning}</h2>
<p>${escaped(meaning[language])}</p>
<h2>${words.remedy}</h2>
<p>${escaped(remedy[language])}</p>
<h2>${words.answer}</h2>
<p>HTTP ${status}, <code>error=${escaped(error)}</code></p>
</main>
<footer><p><a href="?lang=${other}" hreflang="${other}" lang="${other}">${words.other}</a></p></footer>
</body>
</html>
`;
  return {
    status: 200,
    headers: {
      ...SHARED,
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Language': language,
      'Content-Security-Policy': CONTENT_SECURITY_POLICY,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
    },
    body,
  };
}

/** The same for programs; in both languages. @param issuer ends in a slash */
export function faultDocument(name: FaultName, issuer: string, type: string): Reply {
  const { status, error, text, meaning, remedy } = faultCatalogue[name];
  const body = JSON.stringify({ type: `${issuer}errors/${name}`, title: text, status, error, meaning, remedy });
  return { status: 200, headers: { ...SHARED, 'Content-Type': type }, body };
}

/** The same for everybody until the next version. */
const SHARED = { 'Cache-Control': 'public, max-age=3600', Vary: 'Accept, Accept-Language' } as const;

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
