// The program of one worker of `tilgang serve --workers N`: a gateway that answers what its parent lets in. It reads no environment and no file of
// settings; its parent, which has, starts it and tells it all.
import type { Config } from '#config';
import { serveAsWorker } from '#serving';
import { createLog } from '#telemetry';
import { openWorkerGateway } from './gateway.js';

serveAsWorker((order, bounds) => {
  const config = order.config as Config;
  return openWorkerGateway(config, createLog(config.logLevel, undefined, order.number), order, bounds);
});
