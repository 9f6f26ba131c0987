import { type Command, type CommandContext, NotSimulated } from '../command';
import { asksVersion, readArguments } from './arguments';
import { readsOnly } from './code';
import { changesAnything } from './given-text';
import { change, prefixOf, query } from './model';
import { placesOf } from './tool';

/** `java`: archives of shared classes, and the unpacking of an archive by its own parts; other programs are not simulated. */
export const java: Command = (context) => {
  const { args } = context;
  const shared = args.find((arg) => arg.startsWith('-Xshareclasses'));
  if (
    shared !== undefined &&
    args.some((arg) => /^--?version$/.test(arg) || /\b(?:printallStats|printStats|destroy\w*)\b/.test(arg))
  )
    return sharedClasses(context, shared);
  if (args.includes('-Xshare:dump')) return dump(context);
  if (
    asksVersion(args) ||
    args.some(
      (arg) =>
        /^--?(?:version|fullversion|showversion)$/.test(arg) ||
        /^-XX:\+Print\w+Final$|^-XshowSettings/.test(arg),
    )
  )
    return query(context);
  if (args.some((arg) => /^-Djarmode=/.test(arg)) && args.includes('extract')) return unpackLayers(context);
  throw new NotSimulated('`java` is a program that is not simulated');
};

/** OpenJ9 keeps the classes that it shares in a folder. */
function sharedClasses(context: CommandContext, option: string): number {
  const folder = /cacheDir=([^,]+)/.exec(option)?.[1];
  const places =
    folder === undefined
      ? placesOf(context, ['/tmp/javasharedresources', '~/.cache/javasharedresources', '/tmp'])
      : [folder];
  return change(context, places, 'which classes it keeps is not known', { title: 'java -Xshareclasses' });
}

/** The archive of classes lies with the virtual machine. */
function dump(context: CommandContext): number {
  const file = context.args
    .map((arg) => /^-XX:SharedArchiveFile=(.+)$/.exec(arg)?.[1])
    .find((one) => one !== undefined);
  const home = context.env.get('JAVA_HOME') || prefixOf(context);
  const places = file === undefined ? [`${home}/lib`, `${home}/jre/lib`, '/usr/lib/jvm'] : [file];
  return change(context, places, 'which classes it keeps is not known', { title: 'java -Xshare:dump' });
}

/** `java -Djarmode=tools -jar app.jar extract --layers --destination DIR`, of Spring Boot. */
function unpackLayers(context: CommandContext): number {
  const to = readArguments(context.args.slice(context.args.indexOf('extract')), 'destination').value(
    'destination',
  );
  return change(context, [to ?? context.cwd], 'what it unpacks is not known', { title: 'java -Djarmode' });
}

/** `jshell -s -`: its settings at home, and what its text does. */
export const jshell: Command = (context) => {
  const { args, stdin } = context;
  if (asksVersion(args)) return query(context);
  const text = stdin.kind === 'inline' ? new TextDecoder().decode(stdin.bytes) : undefined;
  if (text === undefined || !readsOnly('java', text)) return changesAnything(context);
  return change(context, placesOf(context, ['~/.java', '/tmp']), 'which settings it keeps is not known', {
    title: 'jshell',
  });
};
