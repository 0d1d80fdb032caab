import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { fetchOutside, type OutsideLimits, OutsideRefusal, type OutsideRequest, type Resolve, resolveByDns } from '#fetching';

const LOOPBACK = ['127.0.0.0/8', '::1/128'];
const here: Resolve = async () => [{ address: '127.0.0.1', family: 4 }];

/** Serves on this host until the test is over; its port. */
async function serve(t: Tap, listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

type Tap = Parameters<Parameters<typeof t.test>[0]>[0];

function request(url: string, given: Partial<OutsideRequest> = {}): OutsideRequest {
  return { method: 'GET', url, headers: {}, body: '', followsRedirects: false, timeoutMs: 5000, tls: {}, ...given };
}

/** Why a request was not answered; `undefined` if it was. */
async function refusal(asked: OutsideRequest, limits: OutsideLimits, resolve: Resolve = here): Promise<string | undefined> {
  try {
    await fetchOutside(asked, limits, resolve);
    return undefined;
  } catch (cause) {
    if (cause instanceof OutsideRefusal) return cause.message;
    throw cause;
  }
}

t.test('hosts are asked that are allowed by name, and only where they are public (threat 33)', async (t) => {
  let asked = 0;
  const port = await serve(t, (_request, response) => {
    asked += 1;
    response.end('secret');
  });
  const limits = { hosts: ['pip.example.no'] };
  const at =
    (address: string): Resolve =>
    async () => [{ address, family: address.includes(':') ? 6 : 4 }];
  const url = `http://pip.example.no:${port}/`;
  t.equal(await refusal(request(`http://other.example.no:${port}/`), limits), 'the host is not allowed');
  t.equal(await refusal(request(url), { hosts: ['pip.example.no:1'] }), 'the host is not allowed', 'another port');
  for (const address of [
    '127.0.0.1',
    '10.0.0.1',
    '169.254.169.254',
    '192.168.1.1',
    '172.31.0.1',
    '100.64.0.1',
    '0.0.0.0',
    '::1',
    '::',
    'fe80::1',
    'fd00::1',
    '::ffff:127.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001:db8::1',
  ]) {
    t.equal(await refusal(request(url), limits, at(address)), 'the host has an address in a private network', address);
  }
  const mixed: Resolve = async () => [...(await at('93.184.215.14')('')), ...(await at('10.0.0.1')(''))];
  t.equal(await refusal(request(url), limits, mixed), 'the host has an address in a private network', 'one among public ones');
  t.equal(await refusal(request(url), limits, async () => []), 'the host has no address');
  t.equal(await refusal(request(`http://127.0.0.1:${port}/`), { hosts: ['127.0.0.1'] }), 'the host has an address in a private network');
  for (const odd of ['file:///etc/passwd', 'unix:///run/x', `http://u:p@pip.example.no:${port}/`, 'x']) {
    t.equal(await refusal(request(odd), limits), 'only http and https URLs without a user are asked', odd);
  }
  t.equal(asked, 0);
});

t.test('where any host may be asked, none in a private network is (threat 33)', async (t) => {
  const port = await serve(t, (_request, response) => void response.end('here'));
  const url = `http://vendor.example.no:${port}/`;
  t.equal(await refusal(request(url), { hosts: 'any' }), 'the host has an address in a private network');
  t.equal(
    await refusal(request(`http://localhost:${port}/`), { hosts: 'any' }, resolveByDns),
    'the host has an address in a private network',
  );
  t.equal((await fetchOutside(request(url), { hosts: 'any', networks: LOOPBACK }, here)).body, 'here');
});

t.test('a name that changes its address between look and connection changes nothing (threat 33)', async (t) => {
  const port = await serve(t, (_request, response) => void response.end('here'));
  const addresses = ['127.0.0.1', '10.0.0.1', '10.0.0.1'];
  let looks = 0;
  const rebinding: Resolve = async () => [{ address: addresses[looks++] ?? '', family: 4 }];
  const { body } = await fetchOutside(
    request(`http://pip.example.no:${port}/`),
    { hosts: ['pip.example.no'], networks: LOOPBACK },
    rebinding,
  );
  t.same([body, looks], ['here', 1]);
});

t.test('a redirect is an answer, or goes where the first request could have gone, without what it carried (threat 33)', async (t) => {
  const seen: unknown[] = [];
  const port = await serve(t, ({ url, headers, method }, response) => {
    seen.push([url, headers['authorization'], method]);
    const to: Record<string, string> = {
      '/in': 'http://10.0.0.1/',
      '/other': `http://b.example.no:${port}/end`,
      '/away': 'http://evil.example.no/',
      '/loop': '/loop',
    };
    if (to[url ?? ''] === undefined) response.end('end');
    else response.writeHead(302, { location: to[url ?? ''] }).end();
  });
  const limits = { hosts: ['a.example.no', 'b.example.no', '10.0.0.1'], networks: LOOPBACK };
  const resolve: Resolve = (host) => (host === '10.0.0.1' ? Promise.resolve([{ address: host, family: 4 }]) : here(host));
  const ask = (path: string, followsRedirects = true) =>
    request(`http://a.example.no:${port}${path}`, { followsRedirects, method: 'POST', headers: { authorization: 'x' } });
  t.equal((await fetchOutside(ask('/in', false), limits, resolve)).status, 302);
  t.equal(await refusal(ask('/in'), limits, resolve), 'the host has an address in a private network');
  t.equal(await refusal(ask('/away'), limits, resolve), 'the host is not allowed');
  t.equal(await refusal(ask('/loop'), limits, resolve), 'too many redirects');
  seen.length = 0;
  t.equal((await fetchOutside(ask('/other'), limits, resolve)).body, 'end');
  t.same(seen, [
    ['/other', 'x', 'POST'],
    ['/end', undefined, 'GET'],
  ]);
});

t.test('an answer that is too large or too late is none', async (t) => {
  const port = await serve(t, ({ url }, response) => {
    response.write('x'.repeat(1000));
    if (url === '/large') response.end('x'.repeat(100_000));
  });
  const limits = { hosts: ['pip.example.no'], networks: LOOPBACK, maxBytes: 10_000, deadlineMs: 100 };
  t.equal(await refusal(request(`http://pip.example.no:${port}/large`), limits), 'the answer has more than 10000 bytes');
  t.equal(await refusal(request(`http://pip.example.no:${port}/late`), limits), 'request timed out');
  const never: Resolve = () => new Promise(() => {});
  t.equal(await refusal(request(`http://pip.example.no:${port}/`), limits, never), 'request timed out', 'a look-up without end');
});
