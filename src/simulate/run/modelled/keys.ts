import type { Command } from '../command';
import { absolute } from '../lookup';
import { asksVersion, readArguments } from './arguments';
import { change, homeOf, lookFor, query, tryWriteUnknown, unknownContent } from './model';

const GPG_VALUES =
  'o output homedir keyring primary-keyring secret-keyring trustdb-name keyserver keyserver-options u local-user r recipient default-key passphrase passphrase-fd passphrase-file pinentry-mode status-fd logger-fd options trust-model cipher-algo digest-algo compress-algo s2k-mode';

/** `gpg`: its own folder, the keyring, and the file after `-o`. */
export const gpg: Command = (context) => {
  const { args, env, cwd } = context;
  if (asksVersion(args)) return query(context);
  const options = readArguments(args, GPG_VALUES);
  const home = options.value('homedir') || env.get('GNUPGHOME') || `${homeOf(context)}/.gnupg`;
  const reason = `\`${context.name}\` is modelled: the keys are not known`;
  context.model(reason);
  context.openRegion(absolute(home, cwd), reason);
  const keyring = options.value('keyring')?.replace(/^gnupg-ring:/, '');
  const isChanged = options.has('import', 'recv-keys', 'recv', 'delete-keys', 'no-default-keyring');
  const files = [
    ...(keyring?.includes('/') && isChanged ? [keyring] : []),
    ...(options.value('o', 'output') === undefined ? [] : [options.value('o', 'output')!]),
  ];
  for (const file of files) {
    const error = tryWriteUnknown(context, file, reason);
    if (!error) continue;
    context.stderr.write(`gpg: can't create '${file}': ${error.reason}\n`);
    return 2;
  }
  // `--dearmor FILE` writes beside it.
  const [given] = options.operands;
  if (options.has('dearmor') && given !== undefined && files.length === 0)
    tryWriteUnknown(context, `${given}.gpg`, reason);
  else if (!context.stdout.isLog) context.stdout.write(unknownContent(reason));
  return 0;
};

/** `gpgv`: only its exit code tells something. */
export const verifies: Command = (context) => (asksVersion(context.args) ? query(context) : lookFor(context));

/** What is made of text that is not known is not known for the same reason. */
export const tells: Command = (context) => {
  if (context.stdout.isLog) return 0;
  const { stdin } = context;
  if (stdin.kind !== 'placeholder') return query(context);
  context.stdout.write(stdin);
  return 0;
};

export const sshKeys: Command = (context) => {
  const options = readArguments(context.args, 'f t b N C m P q F R');
  const file = options.value('f');
  if (options.has('A'))
    return change(context, ['/etc/ssh'], 'the keys are other ones in every build', { title: 'ssh-keygen' });
  if (file === undefined || options.has('l', 'F', 'y')) return query(context);
  return change(context, [file, `${file}.pub`], 'the keys are other ones in every build', {
    title: 'ssh-keygen',
  });
};

/** `openssl`: the files that it is told to write. */
export const openssl: Command = (context) => {
  // Long names stand after one dash.
  const args = context.args.map((arg) => (/^-\w{2,}/.test(arg) ? `-${arg}` : arg));
  const options = readArguments(
    args,
    'out keyout in inform outform subj days newkey config extensions passout passin pass CAkey CA signkey',
  );
  const files = [options.value('out'), options.value('keyout')].filter((file) => file !== undefined);
  if (files.length === 0) return query(context);
  const reason = '`openssl` is modelled: what it makes is not known';
  context.model(reason);
  for (const file of files) if (tryWriteUnknown(context, file, reason)) return 1;
  return 0;
};
