import type { Command } from '../command';
import { asksVersion, change, query } from './model';

/** Folders into which packages of a distribution are unpacked. */
const INSTALLED = ['/usr', '/etc', '/var', '/opt', '/bin', '/sbin', '/lib', '/lib64', '/srv', '/run'];

const NOT_KNOWN = 'what it installs or removes is not known';

/** `apt-get`, `apt`, `aptitude`. */
export const apt: Command = (context) => {
  const action = context.args.find((arg) => /^[a-z-]+$/.test(arg) && !arg.startsWith('-'));
  if (action === 'update')
    return change(context, ['/var/lib/apt', '/var/cache/apt'], 'the package lists are not known');
  if (action === 'clean' || action === 'autoclean' || action === 'distclean') {
    return change(
      context,
      ['/var/cache/apt', '/var/lib/apt'],
      'which downloaded packages it removes is not known',
    );
  }
  if (asksVersion(context.args) || /^(?:list|show|search|policy|check|moo)$/.test(action ?? ''))
    return query(context);
  return change(context, INSTALLED, NOT_KNOWN);
};

export const aptMark: Command = (context) =>
  /^show/.test(context.args[0] ?? '')
    ? query(context)
    : change(context, ['/var/lib/apt'], 'which packages it marks is not known');

export const aptQuery: Command = query;

export const aptSources: Command = (context) =>
  change(
    context,
    ['/etc/apt', '/var/lib/apt', '/usr/share/keyrings', '/root/.gnupg'],
    'which sources or keys it adds is not known',
  );

export const apk: Command = (context) => {
  const action = context.args.find((arg) => !arg.startsWith('-'));
  if (action === undefined || /^(?:info|list|search|version|policy|stats|audit|verify|dot)$/.test(action))
    return query(context);
  if (action === 'update')
    return change(context, ['/var/cache/apk', '/etc/apk', '/lib/apk'], 'the package lists are not known');
  if (action === 'cache')
    return change(context, ['/var/cache/apk', '/etc/apk/cache'], 'what is in its cache is not known');
  return change(context, INSTALLED, NOT_KNOWN);
};

/** `yum`, `dnf`, `microdnf`, `tdnf`, `zypper`. */
export const yum: Command = (context) => {
  const action = context.args.find((arg) => !arg.startsWith('-'));
  if (
    asksVersion(context.args) ||
    /^(?:list|info|search|repolist|repoquery|provides|history|check)$/.test(action ?? '')
  ) {
    return query(context);
  }
  if (action === 'clean' || action === 'makecache')
    return change(context, ['/var/cache', '/var/lib/dnf', '/var/log'], 'what is in its cache is not known');
  return change(context, INSTALLED, NOT_KNOWN);
};

export const dpkg: Command = (context) =>
  context.args.some((arg) =>
    /^(?:-[lLsSpWfIcC]|--(?:list|listfiles|status|search|print-.*|get-selections|show|field|info|contents|verify|version|compare-versions))$/.test(
      arg,
    ),
  )
    ? query(context)
    : change(context, INSTALLED, NOT_KNOWN);

export const rpm: Command = (context) =>
  context.args.some((arg) => /^(?:-q\w*|--query|-V|--verify|--eval|-E|--version|-K)$/.test(arg))
    ? query(context)
    : change(context, INSTALLED, NOT_KNOWN);

/** Programs of the distribution that rewrite files of their own. */
export const rewrites =
  (...regions: string[]): Command =>
  (context) =>
    change(context, regions, 'what it writes is not known');
