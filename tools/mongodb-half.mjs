// Which tests run on MongoDB too in each `make test`, beside those that are about MongoDB: one or two for each way in, so that what breaks the adapter or
// leans on the embedded store is seen. `make test-mongodb` runs all files there.

/** From the root of the checkout. */
export const MONGODB_TOO = [
  // What each decides, and for whom.
  'test/http/access-matrix/tilgang.test.ts',
  'test/http/administration-story.test.ts',
  'test/http/schemathesis/tilgang.test.ts',
  // Changes that meet each other.
  'test/http/konsument/two-gateways.test.ts',
  'test/access/grants.test.ts',
  'test/access/quotas.test.ts',
  // Commands.
  'test/cli/admin.test.ts',
];
