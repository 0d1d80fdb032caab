// The bare servers that the gateway is measured beside. Each reads the body, JSON.parses it and answers a constant; the sink only drops it.
// Started as a process of its own: node floors.mjs (http|koa|sink|find) ANSWER [URI]; prints its port.
import http from 'node:http';
import Router from '@koa/router';
import Koa from 'koa';

const [kind, answer = '{}', uri] = process.argv.slice(2);
const length = Buffer.byteLength(answer);

function readJson(request) {
  return new Promise((resolve, reject) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString())));
    request.on('error', reject);
  });
}

function httpFloor() {
  return async (request, response) => {
    // A question without a body is only answered.
    if (request.method === 'POST') await readJson(request);
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': length });
    response.end(answer);
  };
}

function koaFloor() {
  const router = new Router({ prefix: '/tilgang/api/v1' });
  router.post('/app/:appId/tilganger', async (ctx) => {
    await readJson(ctx.req);
    ctx.type = 'application/json';
    ctx.body = answer;
  });
  return new Koa().use(router.routes()).callback();
}

function sink() {
  return (request, response) => {
    request.resume();
    request.on('end', () => {
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': length });
      response.end(answer);
    });
  };
}

/** What a decision asks of MongoDB, by the driver alone: two documents by `_id`. */
async function find() {
  const { MongoClient } = await import('mongodb');
  const client = await new MongoClient(uri, { readPreference: 'primary', readConcern: { level: 'majority' } }).connect();
  const documents = client.db().collection('documents');
  const ids = await documents.find({ _id: /^grant-document/ }, { projection: { _id: 1 }, limit: 1000 }).toArray();
  let next = 0;
  return async (request, response) => {
    await readJson(request);
    next = (next + 1) % ids.length;
    const filter = { _id: { $in: ['registry-epoch', ids[next]._id] } };
    await documents.find(filter, { projection: { j: 1, r: 1, x: 1, n: 1 }, batchSize: 3 }).toArray();
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': length });
    response.end(answer);
  };
}

const server = http.createServer(await { koa: koaFloor, http: httpFloor, sink, find }[kind]());
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
