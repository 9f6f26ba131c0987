import { spawn } from 'node:child_process';
import { isObject, textOf } from '../json-shape';
import type { FoundCredentials } from './credentials';

/** Some ask the user, or a server of their own. */
const TIME_LIMIT = 60_000;
const MOST_OUTPUT = 1024 * 1024;

/**
 * Asks `docker-credential-NAME get` for the login to a server, as Docker does, without a shell:
 * https://github.com/docker/docker-credential-helpers#development. What a helper prints never gets into a message, since it
 * may be the secret. Throws only the signal's reason.
 */
export async function askHelper(
  name: string,
  server: string,
  { env, signal }: { env: NodeJS.ProcessEnv; signal: AbortSignal | undefined },
): Promise<FoundCredentials> {
  const program = `docker-credential-${name}`;
  // The name is a part of a program's name, never of a path.
  if (!/^[\w][\w.-]*$/.test(name)) return { problem: 'the name of the credential helper is no program name' };
  const ended = await run(program, server, env, signal);
  signal?.throwIfAborted();
  if (ended.kind === 'failed') return { problem: `the credential helper ${program} ${ended.why}` };
  const { code, output } = ended;
  if (code !== 0 && /credentials not found|credentials server url missing/i.test(output)) return {};
  if (code !== 0) {
    const how = `try: echo ${server} | ${program} get`;
    return { problem: `the credential helper ${program} failed with exit code ${code} (${how})` };
  }
  return credentialsIn(output) ?? { problem: `the credential helper ${program} answers with no login` };
}

function credentialsIn(output: string): FoundCredentials | undefined {
  const json = parsed(output);
  const [username, secret] = [textOf(json.Username), textOf(json.Secret)];
  if (username === undefined || secret === undefined) return undefined;
  if (username === '' && secret === '') return {};
  if (username === '<token>') return { credentials: { kind: 'identity', token: secret } };
  return { credentials: { kind: 'password', username, password: secret } };
}

function parsed(output: string): Readonly<Record<string, unknown>> {
  try {
    const json: unknown = JSON.parse(output);
    return isObject(json) ? json : {};
  } catch {
    return {};
  }
}

type Ended = { kind: 'ended'; code: number; output: string } | { kind: 'failed'; why: string };

function run(
  program: string,
  input: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal | undefined,
): Promise<Ended> {
  return new Promise((resolve) => {
    const fail = (why: string) => resolve({ kind: 'failed', why });
    const child = spawn(program, ['get'], {
      env,
      shell: false,
      windowsHide: true,
      stdio: ['pipe', 'pipe', 'ignore'],
      ...(signal && { signal }),
    });
    const timer = setTimeout(() => {
      fail(`did not answer in ${TIME_LIMIT / 1000} s`);
      child.kill();
    }, TIME_LIMIT);
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.length < MOST_OUTPUT) return;
      clearTimeout(timer);
      fail('answers with no login');
      child.kill();
    });
    child.on('error', ({ code }: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      fail(code === 'ENOENT' ? 'is not installed' : `cannot be started (${code})`);
    });
    child.on('close', (code, killedBy) => {
      clearTimeout(timer);
      if (code === null) fail(`was ended by ${killedBy}`);
      else resolve({ kind: 'ended', code, output });
    });
    // A helper that ends before it reads is told by its exit code.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}
