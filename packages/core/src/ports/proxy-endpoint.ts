/** Where a filtering proxy of the session listens. Core only tells it to clients; it opens no connection itself. */
export interface ProxyEndpoint {
  readonly host: string;
  readonly port: number;
  /** As programs take it from `HTTP_PROXY` or `ALL_PROXY`, without credentials. */
  readonly url: string;
}
