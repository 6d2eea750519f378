import { Agent, request } from 'node:https';
import { scaled } from '../exec/time-factor.ts';
import type { Endpoint } from '../network/endpoint.ts';

/** What identifies a client to an API server and the server to the client, all PEM. */
export interface Credentials {
  ca: string;
  cert: string;
  key: string;
}

/** An answer of the API server that is not a success. */
class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Milliseconds after which a request without an answer is given up; callers look again. */
const REQUEST_TIMEOUT_MS = 5_000;

/**
 * The few requests that kinpod itself makes of an API server. Not a client library: that would cost
 * a quarter of a second to load, for a few requests.
 */
export class ApiClient {
  readonly #agent: Agent;
  readonly #endpoint: Endpoint;

  /** @param serverName name in the server's certificate, where it differs from the endpoint's host */
  constructor(endpoint: Endpoint, credentials: Credentials, serverName = 'localhost') {
    this.#endpoint = endpoint;
    this.#agent = new Agent({ ...credentials, keepAlive: true, maxSockets: 2, servername: serverName });
  }

  /**
   * @returns the parsed JSON of the answer, or its text where it is not JSON
   * @throws {ApiError} if the server answers with a status of 400 or more
   */
  get<T>(path: string, signal?: AbortSignal): Promise<T> {
    return this.#request('GET', path, undefined, signal);
  }

  /** @throws {ApiError} */
  post<T>(path: string, object: object, signal?: AbortSignal): Promise<T> {
    return this.#request('POST', path, JSON.stringify(object), signal);
  }

  #request<T>(method: string, path: string, body: string | undefined, signal: AbortSignal | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const req = request(
        {
          agent: this.#agent,
          host: this.#endpoint.host,
          port: this.#endpoint.port,
          method,
          path,
          headers: { accept: 'application/json', ...(body !== undefined && { 'content-type': 'application/json' }) },
          timeout: scaled(REQUEST_TIMEOUT_MS),
          ...(signal && { signal }),
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString('utf8');
            const status = response.statusCode ?? 0;
            if (status >= 400) reject(new ApiError(status, `${method} ${path}: ${status} ${reasonOf(text)}`));
            else resolve((text.startsWith('{') ? JSON.parse(text) : text) as T);
          });
        },
      );
      req.on('timeout', () => {
        req.destroy(new Error(`${method} ${path}: no answer within ${scaled(REQUEST_TIMEOUT_MS) / 1000}s`));
      });
      req.on('error', reject);
      req.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

function reasonOf(body: string): string {
  try {
    return (JSON.parse(body) as { message?: string }).message ?? body;
  } catch {
    return body.slice(0, 200);
  }
}
