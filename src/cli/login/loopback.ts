import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ProblemError } from '#problem';

/** What the browser came back with. */
export interface Redirected {
  /** With the code, or the error. */
  readonly url: URL;
}

/** How the browser is waited for. */
export interface Waiting {
  /** 0: a free one. */
  readonly port: number;
  /** What whoever comes back must bring along: others on this machine may call too. */
  readonly state: string;
  readonly waitMs: number;
  /** Is told where the browser will be sent back to, once somebody listens there. */
  readonly send: (redirectUri: string) => void;
}

const PATH = '/callback';
const HEADERS = {
  'Content-Type': 'text/html; charset=utf-8',
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  Connection: 'close',
};

/**
 * Listens on the loopback address (RFC 8252 §7.3) until the browser comes back, and tells the person there how it went.
 * @param finish what is done with it; its answer is what is answered, its fault what the person is told of
 * @throws ProblemError `login-failed` if nobody comes in time, or the port cannot be had; and what finish throws
 */
export async function awaitRedirect<T>({ port, state, waitMs, send }: Waiting, finish: (came: Redirected) => Promise<T>): Promise<T> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening').catch((cause) => {
    throw new ProblemError('login-failed', {
      detail: `port ${port} of this machine cannot be had: leave out --port, or name another one`,
      cause,
    });
  });
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<T>((resolve, reject) => {
      const tooLate = `nobody has come back within ${Math.round(waitMs / 60_000)} minutes: begin anew`;
      timer = setTimeout(() => reject(new ProblemError('login-failed', { detail: tooLate })), waitMs);
      let isTaken = false;
      server.on('request', (request: IncomingMessage, response: ServerResponse) => {
        const url = URL.canParse(request.url ?? '', base) ? new URL(request.url ?? '', base) : undefined;
        // A browser also asks for an icon; what brings another state, or comes a second time, is not what is waited for.
        if (url?.pathname !== PATH || request.method !== 'GET' || url.searchParams.get('state') !== state || isTaken) {
          response.writeHead(404, HEADERS).end();
          return;
        }
        isTaken = true;
        finish({ url }).then(
          (done) => response.writeHead(200, HEADERS).end(page(true), () => resolve(done)),
          (fault) => response.writeHead(400, HEADERS).end(page(false), () => reject(fault)),
        );
      });
      send(`${base}${PATH}`);
    });
  } finally {
    clearTimeout(timer);
    server.close();
    server.closeAllConnections();
  }
}

function page(isWell: boolean): string {
  const [title, what] = isWell
    ? ['Du er logget inn', 'Du kan lukke dette vinduet og gå tilbake til terminalen. You are logged in: you can close this window.']
    : ['Innloggingen ble ikke noe av', 'Terminalen sier hvorfor. You are not logged in: the terminal says why.'];
  return `<!doctype html><html lang="nb"><meta name="viewport" content="width=device-width"><title>${title}</title><main><h1>${title}</h1><p>${what}</p></main></html>`;
}
