import type { Command } from '../command';
import { asksVersion } from './arguments';
import { change, lookFor, modelledReason, printUnknown, query } from './model';
import { placesOf, tool } from './tool';

/** `fix-permissions FOLDER…`, of images of Jupyter and of Red Hat: groups and modes of what lies there. */
const fixPermissions: Command = (context) => {
  const folders = context.args.filter((arg) => !arg.startsWith('-'));
  if (asksVersion(context.args)) return query(context);
  return change(context, folders, 'whose groups and modes it changes is not known', { title: context.name });
};

/** Gives the folders of the system the modes that their package says: what they have in an image of it. */
const systemModes: Command = (context) => {
  if (asksVersion(context.args)) return query(context);
  const reason = modelledReason(context, 'the modes of system folders are taken to be right', context.name);
  context.model(reason);
  return printUnknown(context, reason);
};

/** `restorecon`, `chcon`, `setsebool`: a build container has no SELinux, so that there are no labels to change. */
const labels: Command = (context) => {
  if (asksVersion(context.args)) return query(context);
  const reason = modelledReason(context, 'a build is taken to be without SELinux', context.name);
  context.model(reason);
  return printUnknown(context, reason);
};

/** `vncpasswd -f`: makes a file's text of a password; else it asks for one. */
const vncpasswd: Command = (context) => {
  if (asksVersion(context.args)) return query(context);
  if (!context.args.includes('-f'))
    return change(context, placesOf(context, ['~/.vnc']), 'what it writes is not known', {
      title: context.name,
    });
  const reason = modelledReason(context, 'how it hides a password is not known', context.name);
  context.model(reason);
  return printUnknown(context, reason);
};

/** `mesg`: whether others may write to the terminal, of which a build has none. */
const mesg: Command = (context) => (asksVersion(context.args) ? query(context) : lookFor(context));

/** Scripts that come with images, and programs of systems that change little. */
export const IMAGE_SCRIPTS: Readonly<Record<string, Command>> = {
  'fix-permissions': fixPermissions,
  'rpm-file-permissions': systemModes,
  restorecon: labels,
  chcon: labels,
  setsebool: labels,
  semanage: labels,
  vncpasswd,
  mesg,
  package_dedupe: tool({
    writes: ['/usr/share/java'],
    what: 'which files it links is not known',
    isNamedAlone: true,
  }),
  'rabbitmq-plugins': tool({
    writes: ['/etc/rabbitmq', '/var/lib/rabbitmq', '/tmp'],
    asks: /^$/,
    keeps: ['/var/lib/rabbitmq'],
    what: 'what it writes is not known',
  }),
  rabbitmqctl: tool({
    writes: ['/var/lib/rabbitmq', '/var/log/rabbitmq'],
    keeps: ['/var/lib/rabbitmq'],
    asks: /^(?:|help|list_ciphers)$/,
    what: 'what it writes is not known',
  }),
  'systemd-tmpfiles': tool({
    writes: ['/etc', '/var', '/run', '/tmp', '/dev'],
    what: 'what it makes is not known',
    isNamedAlone: true,
  }),
  mysql_install_db: tool({
    writes: ['/var/lib/mysql'],
    outputs: 'datadir',
    what: 'what it makes is not known',
    isNamedAlone: true,
  }),
  initdb: tool({
    writes: ['$PGDATA:/var/lib/postgresql'],
    outputs: 'D pgdata',
    what: 'what it makes is not known',
    isNamedAlone: true,
  }),
  zip: tool({ writes: ['.'], what: 'what it packs is not known', isNamedAlone: true }),
};
