import { isArchiveFault } from '../../archive/fault';
import { type CredentialSource, credentialsOnDisk } from './credentials';
import {
  type Endpoint,
  endpointsOf,
  parseReference,
  type RegistryReference,
  type RegistrySettings,
} from './endpoints';
import { RegistryFault } from './fault';
import { Session } from './session';
import { TIMING, type Timing } from './timing';

export interface AskOptions extends RegistrySettings {
  readonly signal?: AbortSignal | undefined;
  /** Logins; without them those of Docker and Podman on this machine. */
  readonly credentials?: CredentialSource;
  readonly timing?: Partial<Timing>;
}

/**
 * What `ask` gets from the first server that has the image of the reference. `stop` ends every request of this server, with the
 * reason. Throws a `RegistryFault` whose message begins with what could not be had from where, or the signal's reason.
 */
export async function askRegistries<T>(
  reference: string,
  options: AskOptions,
  ask: (session: Session, stop: (reason: unknown) => void) => Promise<T>,
): Promise<T> {
  const { parts, endpoints } = placesOf(reference, options);
  for (const [index, endpoint] of endpoints.entries()) {
    const { session, stop } = open(endpoint, parts, options);
    try {
      return await ask(session, stop);
    } catch (error) {
      options.signal?.throwIfAborted();
      const isLast = index === endpoints.length - 1;
      // What a mirror lacks or cannot do may be had from the next.
      if (isLast || faultOf(error).kind === 'disk') throw about(error, parts, endpoint);
    }
  }
  throw new Error(`Cannot get ${parts.full}: there is no registry to ask`);
}

function placesOf(
  reference: string,
  options: AskOptions,
): { parts: RegistryReference; endpoints: Endpoint[] } {
  try {
    const parts = parseReference(reference);
    return { parts, endpoints: endpointsOf(parts.host, options) };
  } catch (error) {
    const { message } = error as Error;
    throw new RegistryFault('refused', `Cannot get ${JSON.stringify(reference)}: ${message}`, {
      cause: error,
    });
  }
}

function open(endpoint: Endpoint, parts: RegistryReference, options: AskOptions) {
  const failure = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, failure.signal]) : failure.signal;
  const credentials = options.credentials ?? credentialsOnDisk();
  const timing = { ...TIMING, ...options.timing };
  const session = new Session(endpoint, parts, { credentials, timing, signal });
  return { session, stop: (reason: unknown) => failure.abort(reason) };
}

function about(error: unknown, { full }: RegistryReference, { host }: Endpoint): RegistryFault {
  const { kind, message } = faultOf(error);
  return new RegistryFault(kind, `Cannot get ${full} from ${host}: ${message}`, { cause: error });
}

function faultOf(error: unknown): RegistryFault {
  if (error instanceof RegistryFault) return error;
  const { message } = error as Error;
  return new RegistryFault(isArchiveFault(error) ? 'damaged' : 'disk', message, { cause: error });
}
