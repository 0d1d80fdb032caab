declare module 'oidc-provider/lib/helpers/als.js' {
  /** What the provider finds the request by that it is answering. */
  const context: import('node:async_hooks').AsyncLocalStorage<object>;
  export default context;
}
