/** Where a server can be reached. */
export interface Endpoint {
  /** A name or an address; IPv6 addresses without brackets. */
  host: string;
  port: number;
  /** Name in the server's certificate, where the host is none of those in it for certain. */
  serverName?: string | undefined;
}

/** The endpoint as a URL: `https://127.0.0.1:6443`, `https://[::1]:6443`. */
export function httpsUrl({ host, port }: Endpoint): string {
  return `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
