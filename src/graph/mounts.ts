import { listFlag } from '../dockerfile/flag-rules';
import type { Instruction } from '../dockerfile/instruction';
import { type MountField, mountFields } from '../dockerfile/mount-fields';
import { goQuoted } from '../dockerfile/quoted';
import { suggestion } from '../dockerfile/suggestion';
import { baseName, containerPath } from '../layers/path';
import { PlanFault } from './fault';
import type { Mount } from './step';

const TYPES = ['bind', 'cache', 'secret', 'ssh', 'tmpfs'] as const;
const SHARING = ['locked', 'private', 'shared'];
const KEYS =
  'type from source target readonly id sharing required size mode uid gid src dst destination ro rw readwrite env'.split(
    ' ',
  );

/**
 * The mounts that a RUN asks for. `expand` expands variables in the values, `workdir` goes before a relative target.
 * Throws `PlanFault` in the builder's words. https://docs.docker.com/reference/dockerfile/#run---mount
 */
export function mountsOf(
  instruction: Instruction,
  expand: (word: string) => string,
  workdir: string,
): Mount[] {
  return listFlag(instruction, 'mount').map((value) => {
    const read = new Reading();
    for (const field of mountFields(value)) read.take(field, expand);
    return read.finish(workdir);
  });
}

/** What `from=` names in the mounts of a RUN, before any expansion: the builder expands nothing there. */
export function mountSources(instruction: Instruction): string[] {
  return listFlag(instruction, 'mount').flatMap((value) =>
    fieldsOrNone(value).flatMap(({ name, value: from }) => (name === 'from' && from ? [from] : [])),
  );
}

function fieldsOrNone(value: string): MountField[] {
  try {
    return mountFields(value);
  } catch {
    return [];
  }
}

type Writable = { -readonly [Key in keyof Mount]: Mount[Key] };

/** A mount while its fields come in: what one of them means can depend on the `type` before it. */
class Reading {
  private readonly mount: Writable = {
    type: 'bind',
    target: '',
    from: undefined,
    source: '',
    readOnly: true,
    id: undefined,
    required: false,
    env: undefined,
    mode: undefined,
    uid: undefined,
    gid: undefined,
  };
  private sharing = '';
  private readOnly: boolean | undefined;

  take({ name, value, text }: MountField, expand: (word: string) => string): void {
    if (value === undefined) this.takeBare(name, text);
    else this.takePair(name, expand(value), text);
  }

  private takeBare(name: string, text: string): void {
    if (name === 'readonly' || name === 'ro') this.readOnly = true;
    else if (name === 'readwrite' || name === 'rw') this.readOnly = false;
    else if (name === 'required') this.require(true, name);
    else throw new PlanFault(`invalid field '${text}' must be a key=value pair`);
  }

  private takePair(name: string, value: string, text: string): void {
    const { mount } = this;
    switch (name) {
      case 'type':
        mount.type = oneOf(TYPES, value, 'unsupported mount type');
        break;
      case 'from':
        mount.from = value || undefined;
        break;
      case 'source':
      case 'src':
        mount.source = value;
        break;
      case 'target':
      case 'dst':
      case 'destination':
        mount.target = value;
        break;
      case 'readonly':
      case 'ro':
        this.readOnly = truth(name, value);
        break;
      case 'readwrite':
      case 'rw':
        this.readOnly = !truth(name, value);
        break;
      case 'required':
        this.require(truth(name, value), name);
        break;
      case 'size':
        if (mount.type !== 'tmpfs') throw this.unexpected(name);
        if (!/^\d+(\.\d+)?\s?([kmgtp](i?b)?|b)?$/i.test(value)) throw invalid(name, value);
        break;
      case 'id':
        mount.id = value || undefined;
        break;
      case 'sharing':
        this.sharing = oneOf(SHARING, value, 'unsupported sharing value');
        break;
      case 'mode':
        mount.mode = whole(name, value, 8);
        break;
      case 'uid':
      case 'gid':
        mount[name] = whole(name, value, 10);
        break;
      case 'env':
        mount.env = value;
        break;
      default:
        throw new PlanFault(`unexpected key '${name}' in '${text}'${suggestion(name, KEYS)}`);
    }
  }

  private require(isRequired: boolean, name: string): void {
    if (this.mount.type !== 'secret' && this.mount.type !== 'ssh') throw this.unexpected(name);
    this.mount.required = isRequired;
  }

  private unexpected(name: string): PlanFault {
    return new PlanFault(`unexpected key '${name}' for mount type '${this.mount.type}'`);
  }

  finish(workdir: string): Mount {
    const { mount } = this;
    const { type } = mount;
    if (type === 'bind' || type === 'tmpfs') {
      for (const name of ['mode', 'uid', 'gid'] as const) {
        if (mount[name] !== undefined)
          throw new PlanFault(`${name} not allowed for ${goQuoted(type)} type mounts`);
      }
    }
    if (type === 'secret') this.checkSecret();
    if (type === 'ssh' && mount.source !== '') throw new PlanFault('ssh does not support source');
    if (this.sharing !== '' && type !== 'cache') {
      throw new PlanFault(`invalid cache sharing set for ${type} mount`);
    }
    mount.readOnly = this.readOnly ?? (type !== 'cache' && type !== 'tmpfs');
    mount.target = targetOf(mount, workdir);
    return mount;
  }

  private checkSecret(): void {
    const { from, source, target, id } = this.mount;
    if (from !== undefined) throw new PlanFault('secret mount should not have a from');
    if (this.sharing !== '') throw new PlanFault('secret mount should not define sharing');
    if (source === '' && target === '' && id === undefined) {
      throw new PlanFault('invalid secret mount. one of source, target required');
    }
    if (source !== '' && id !== undefined) throw new PlanFault("both source and id can't be set");
    this.mount.id = id ?? (source || baseName(target));
  }
}

function targetOf({ type, target, id, env }: Mount, workdir: string): string {
  if (target === '' && type === 'secret' && env !== undefined) return '';
  if (target === '' && type === 'secret') return `/run/secrets/${baseName(id ?? '')}`;
  if (target === '' && type === 'ssh') return '/run/buildkit/ssh_agent.0';
  const path = containerPath(target, workdir);
  if (path === '/' && type !== 'secret' && type !== 'ssh') throw new PlanFault('invalid mount target "/"');
  return path;
}

function oneOf<Name extends string>(names: readonly Name[], value: string, refusal: string): Name {
  const found = names.find((name) => name === value.toLowerCase());
  if (!found) throw new PlanFault(`${refusal} ${goQuoted(value)}${suggestion(value, names)}`);
  return found;
}

/** The spellings of Go's strconv.ParseBool. */
function truth(name: string, value: string): boolean {
  if (/^(1|t|T|true|TRUE|True)$/.test(value)) return true;
  if (/^(0|f|F|false|FALSE|False)$/.test(value)) return false;
  throw invalid(name, value);
}

function whole(name: string, value: string, radix: 8 | 10): number {
  const digits = radix === 8 ? /^[0-7]+$/ : /^\d+$/;
  const number = digits.test(value) ? Number.parseInt(value, radix) : Number.NaN;
  if (!(number <= 0xffffffff)) throw new PlanFault(`invalid value ${value} for ${name}`);
  return number;
}

function invalid(name: string, value: string): PlanFault {
  return new PlanFault(`invalid value for ${name}: ${value}`);
}
