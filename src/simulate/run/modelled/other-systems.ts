import type { Command } from '../command';
import { INSTALLED } from './apt';
import { asksVersion, readArguments } from './arguments';
import { alpineArchitecture } from './image-facts';
import { change, ensureFolder, lookFor, query, tell } from './model';

const INSTALLS = 'what it installs or removes is not known';
const APK_CACHES = ['/var/cache/apk', '/etc/apk/cache'];

/** Alpine's package manager. `--no-cache` fetches the index anew and keeps nothing of it. */
export const apk: Command = (context) => {
  const options = readArguments(
    context.args,
    't virtual X repository p root wait keys-dir repositories-file arch cache-dir',
  );
  const [action] = options.operands;
  const title = action === undefined ? 'apk' : `apk ${action}`;
  const architecture = alpineArchitecture(context);
  if (options.has('print-arch') && architecture !== undefined) return tell(context, architecture);
  if (
    asksVersion(context.args) ||
    action === undefined ||
    /^(?:version|policy|stats|audit|dot)$/.test(action)
  )
    return query(context);
  if (/^(?:info|list|search|verify)$/.test(action)) return lookFor(context);
  if (context.fileSystem.credentials.uid !== 0) {
    context.stderr.write(
      'ERROR: Unable to lock database: Permission denied\nERROR: Failed to open apk database: Permission denied\n',
    );
    return 99;
  }
  if (action === 'update') return change(context, APK_CACHES, 'the package lists are not known', { title });
  if (action === 'cache') return change(context, APK_CACHES, 'what is in its cache is not known', { title });
  if (action === 'fetch') {
    const folder = options.value('o', 'output') ?? context.cwd;
    return change(context, [folder, ...APK_CACHES], 'what it downloads is not known', { title });
  }
  const root = options.value('p', 'root');
  if (root !== undefined) {
    ensureFolder(context, root);
    return change(context, [root, ...APK_CACHES], INSTALLS, { title });
  }
  return change(context, INSTALLED, INSTALLS, { title, except: options.has('no-cache') ? APK_CACHES : [] });
};

const YUM_CACHES = ['/var/cache/yum', '/var/cache/dnf', '/var/cache/libdnf5', '/var/lib/dnf', '/var/log'];

/** `yum`, `dnf`, `microdnf`, `tdnf`, `zypper`. */
export const yum: Command = (context) => {
  const options = readArguments(
    context.args,
    'c config x exclude setopt enablerepo disablerepo repo repoid releasever installroot forcearch d e R comment repofrompath',
  );
  const [action = ''] = options.operands;
  const title = action === '' ? context.name : `${context.name} ${action}`;
  if (asksVersion(context.args) || /^(?:repolist|history|lr|repos|alias|help|)$/.test(action))
    return query(context);
  if (/^(?:list|info|search|repoquery|provides|whatprovides|check|check-update|deplist|se|if)$/.test(action))
    return lookFor(context);
  if (action === 'clean' || action === 'makecache' || action === 'refresh' || action === 'ref')
    return change(context, [...YUM_CACHES, '/var/cache/zypp'], 'what is in its cache is not known', {
      title,
    });
  if (/^(?:config-manager|copr|ar|addrepo|rr|removerepo|mr|modifyrepo)$/.test(action))
    return change(
      context,
      ['/etc/yum.repos.d', '/etc/yum', '/etc/dnf', '/etc/zypp', ...YUM_CACHES],
      'which sources it adds is not known',
      { title },
    );
  if (action === 'download')
    return change(context, [context.cwd, ...YUM_CACHES], 'what it downloads is not known', { title });
  const root = options.value('installroot');
  if (root !== undefined) {
    ensureFolder(context, root);
    return change(context, [root, ...YUM_CACHES], INSTALLS, { title });
  }
  return change(context, INSTALLED, INSTALLS, { title });
};

export const rpm: Command = (context) => {
  const { args } = context;
  if (asksVersion(args) || args.some((arg) => /^(?:--eval|-E|--showrc)$/.test(arg))) return query(context);
  if (args.some((arg) => /^(?:-q\w*|--query|-V\w*|--verify|-K|--checksig)$/.test(arg)))
    return lookFor(context);
  if (args.includes('--import'))
    return change(
      context,
      ['/var/lib/rpm', '/usr/lib/sysimage/rpm', '/etc/pki'],
      'which keys it adds is not known',
      { title: `${context.name} --import` },
    );
  return change(context, INSTALLED, INSTALLS, { title: context.name });
};
