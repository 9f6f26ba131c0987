import type { Command, CommandContext } from '../command';
import { INSTALLED } from './apt';
import { asksVersion } from './arguments';
import { compareDebianVersions } from './debian-versions';
import { debianArchitecture, debianTriplet, osRelease } from './image-facts';
import { change, lookFor, query, tell } from './model';

const FINDS =
  /^(?:-[lLsSpWIcCV]|--(?:list|listfiles|status|search|print-avail|show|info|contents|verify|field))$/;
const TELLS = /^(?:--(?:print-foreign-architectures|get-selections|audit|yet-to-unpack|version|help)|-C)$/;

export const dpkg: Command = (context) => {
  const [first = ''] = context.args;
  if (first === '--print-architecture') return architecture(context);
  if (first === '--compare-versions') return compare(context);
  if (asksVersion(context.args) || context.args.some((arg) => TELLS.test(arg))) return query(context);
  if (lacksPackage(context)) return 1;
  if (context.args.some((arg) => FINDS.test(arg))) return lookFor(context);
  if (first === '--add-architecture' || first === '--remove-architecture')
    return change(context, ['/var/lib/dpkg/arch'], 'which architectures it lists is not known', {
      title: `dpkg ${first}`,
    });
  return change(context, INSTALLED, 'what it installs or removes is not known', {
    title: 'dpkg',
    except: ['/var/lib/apt/lists'],
  });
};

/** `dpkg -L NAME`, `dpkg -s NAME` of a package that is certainly not installed: dpkg keeps a list of files of each. */
function lacksPackage(context: CommandContext): boolean {
  const { args, fileSystem, stderr } = context;
  const [action = '', name = '', ...more] = args;
  if (!/^(?:-[Ls]|--listfiles|--status)$/.test(action) || more.length > 0 || !/^[a-z0-9][\w.+-]*$/.test(name))
    return false;
  const folder = '/var/lib/dpkg/info';
  if (fileSystem.find(folder).kind === 'absent') return false;
  const lists = [name, `${name}:${debianArchitecture(context)}`].map((file) => `${folder}/${file}.list`);
  if (lists.some((list) => fileSystem.find(list).kind === 'present') || fileSystem.firstDoubt) return false;
  stderr.write(`dpkg-query: package '${name}' is not installed\n`);
  return true;
}

function architecture(context: CommandContext): number {
  const name = debianArchitecture(context);
  return name === undefined ? query(context) : tell(context, name);
}

/** `dpkg --compare-versions A op B` says by its exit code whether that holds. */
function compare(context: CommandContext): number {
  const [, one = '', operator = '', other = ''] = context.args;
  const order = compareDebianVersions(one, other);
  const holds: Readonly<Record<string, boolean>> = {
    lt: order < 0,
    le: order <= 0,
    eq: order === 0,
    ne: order !== 0,
    ge: order >= 0,
    gt: order > 0,
  };
  const found = holds[operator.replace(/-nl$/, '')];
  if (found === undefined || one === '' || other === '') return lookFor(context);
  return found ? 0 : 1;
}

export const dpkgQuery: Command = (context) =>
  asksVersion(context.args) ? query(context) : lookFor(context);

/** `dpkg-architecture -qDEB_HOST_ARCH`. */
export const dpkgArchitecture: Command = (context) => {
  const asked = /^(?:-q|--query[= ])\s*(DEB_\w+)$/.exec(context.args.join(' ').replace(/^-q /, '-q'))?.[1];
  const [name, triplet] = [debianArchitecture(context), debianTriplet(context)];
  if (asked === undefined || name === undefined || triplet === undefined) return query(context);
  if (/_ARCH$/.test(asked)) return tell(context, name);
  // The i386 of Debian is built for i686.
  const type = triplet.replace(/^i386/, 'i686');
  if (/_MULTIARCH$/.test(asked)) return tell(context, triplet);
  if (/_GNU_TYPE$/.test(asked)) return tell(context, type);
  if (/_GNU_CPU$/.test(asked)) return tell(context, type.replace(/-.*/, ''));
  return query(context);
};

/** `lsb_release`: what `/etc/os-release` says, where that is all it asks. */
export const lsbRelease: Command = async (context) => {
  const release = await osRelease(context);
  const letters = context.args.join('').replaceAll('-', '');
  const asked = /^(?:s?([cir])s?|short(codename|id|release)|(codename|id|release)short)$/.exec(letters);
  const what = (asked?.[1] ?? asked?.[2] ?? asked?.[3])?.[0];
  const id = { debian: 'Debian', ubuntu: 'Ubuntu' }[release.get('ID') ?? ''];
  if (!letters.includes('s') || id === undefined) return query(context);
  const codename = release.get('VERSION_CODENAME');
  if (what === 'c' && codename) return tell(context, codename);
  if (what === 'i') return tell(context, id);
  const version = release.get('VERSION_ID');
  // Debian adds the number of the point release.
  if (what === 'r' && version && id === 'Ubuntu') return tell(context, version);
  return query(context);
};

/** Programs of the distribution that rewrite files of their own. */
export const rewrites =
  (...regions: string[]): Command =>
  (context) =>
    asksVersion(context.args)
      ? query(context)
      : change(context, regions, 'what it writes is not known', { title: context.name });
