import type { IncomingMessage } from 'node:http';
import { objectOf, textOf } from '../json-shape';
import type { EngineAddress } from './endpoint';
import { EngineFault } from './engine-fault';

/** Throws what an answer that is not 200 says. */
export function checkAnswer(
  { statusCode = 0 }: IncomingMessage,
  body: Buffer,
  { label }: EngineAddress,
): void {
  if (statusCode >= 200 && statusCode < 300) return;
  const words = apiMessage(body);
  if (/HTTP request to an HTTPS server/.test(words)) {
    throw new EngineFault('tls', `${label} asks for TLS: set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH`);
  }
  if (/client version .* is too (old|new)|API version/.test(words)) {
    throw new EngineFault('settings', `${label} speaks another version of the API${words}`);
  }
  if (statusCode === 404) throw new EngineFault('missing', `${label} answers 404${words}`);
  if (statusCode === 401 || statusCode === 403) {
    throw new EngineFault(
      'denied',
      `${label} answers ${statusCode}${words}: check its certificates or its proxy`,
    );
  }
  throw new EngineFault(statusCode >= 500 ? 'failed' : 'garbage', `${label} answers ${statusCode}${words}`);
}

/** `: what it says`, from the `message` of the API's errors or from a plain text; nothing where it says nothing. */
export function apiMessage(body: Buffer): string {
  const text = body.toString('utf8', 0, 4000).trim();
  const message = messageIn(text) ?? (/^[^<{[]/.test(text) ? text : '');
  return message ? `: ${message.replace(/\s+/g, ' ').slice(0, 300)}` : '';
}

function messageIn(text: string): string | undefined {
  try {
    const json = objectOf(JSON.parse(text));
    return textOf(json.message) ?? textOf(json.cause);
  } catch {
    return undefined;
  }
}

export function labelsOf(value: unknown): Record<string, string> {
  const entries = Object.entries(objectOf(value)).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(entries);
}

export function numberOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

/** Podman leaves it out now and then. */
export function withAlgorithm(id: string): string {
  return /^[0-9a-f]{64}$/.test(id) ? `sha256:${id}` : id;
}
