import { type Command, type CommandContext, NotSimulated } from '../command';
import { asksVersion } from './arguments';
import { modelledReason, prefixOf, printUnknown, query } from './model';

interface Check {
  /** The arguments with which it looks at its settings, and starts nothing. */
  readonly asked: RegExp;
  /** What it opens to write on the way. */
  readonly writes?: (context: CommandContext) => readonly string[];
}

/** A server that looks whether its settings are good, which they are taken to be. */
function checks({ asked, writes }: Check): Command {
  return (context) => {
    const { args, name } = context;
    if (asksVersion(args) || /^-[vVhmi]+$/.test(args.join(' '))) return query(context);
    if (!asked.test(args.join(' '))) throw new NotSimulated(`\`${name}\` is a program that is not simulated`);
    const reason = modelledReason(context, 'its settings are taken to be good', name);
    context.model(reason);
    for (const place of writes?.(context) ?? []) context.openRegion(place, reason);
    return printUnknown(context, reason);
  };
}

const test = /(?:^| )(?:-t|--test|-T|-tt|configtest|checkconfig|check)(?: |$)/;

/** Catalina opens its logs and makes its working folders when it loads. */
const catalina = (context: CommandContext): string[] => {
  const base = context.env.get('CATALINA_BASE') || context.env.get('CATALINA_HOME') || prefixOf(context);
  return ['logs', 'work', 'temp', 'conf/Catalina'].map((name) => `${base}/${name}`);
};

/** nginx opens its logs and makes the folders that it keeps requests in. */
const nginx = () => [
  '/var/log/nginx',
  '/var/lib/nginx',
  '/var/cache/nginx',
  '/run',
  '/usr/local/openresty/nginx',
];

const apache: Check = { asked: /(?:^| )(?:-t|-S|-M|-D \w+|configtest|-l|-L)(?: |$)/ };
const catalinaTest: Check = { asked: /^(?:configtest|version)$/, writes: catalina };

/** Servers that are only asked whether they would start. */
export const CHECKS: Readonly<Record<string, Command>> = {
  'php-fpm': checks({ asked: test, writes: () => ['/usr/local/var/log', '/var/log'] }),
  nginx: checks({ asked: test, writes: nginx }),
  openresty: checks({ asked: test, writes: nginx }),
  httpd: checks(apache),
  apache2: checks(apache),
  apachectl: checks(apache),
  apache2ctl: checks(apache),
  'catalina.sh': checks(catalinaTest),
  sshd: checks({ asked: test }),
  haproxy: checks({ asked: /(?:^| )-c(?: |$)/ }),
  visudo: checks({ asked: /(?:^| )(?:-\w*c\w*|--check)(?: |$)/ }),
  'named-checkconf': checks({ asked: /^/ }),
  'unbound-checkconf': checks({ asked: /^/ }),
  caddy: checks({ asked: /^(?:version|list-modules|validate|fmt|adapt|environ|build-info)/ }),
};
