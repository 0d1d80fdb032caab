import type { ServerResponse } from 'node:http';

/** Writes a page: nothing on it runs, comes from elsewhere, or is kept. @param frames the origins of addresses in frames */
export function sendPage(res: ServerResponse, status: number, title: string, body: string, frames: readonly string[] = []): void {
  const html = `<!doctype html><html lang="nb"><head><meta charset="utf-8"><title>${title}</title></head><body><main><h1>${title}</h1>${body}</main></body></html>`;
  const sources = frames.length === 0 ? "'none'" : [...new Set(frames.map((uri) => new URL(uri).origin))].join(' ');
  res.writeHead(status, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(html)),
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': `default-src 'none'; frame-src ${sources}; base-uri 'none'; frame-ancestors 'none'`,
  });
  res.end(html);
}

/** A text as it stands in a page. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
