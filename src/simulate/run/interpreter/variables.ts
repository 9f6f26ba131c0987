/** A shell variable. `list` and `map` are bash's indexed and associative arrays; `value` is a plain one. */
export interface Variable {
  readonly value?: string | undefined;
  readonly list?: ReadonlyMap<number, string> | undefined;
  readonly map?: ReadonlyMap<string, string> | undefined;
  readonly exported?: boolean;
  readonly readonly?: boolean;
  readonly integer?: boolean;
  readonly letters?: 'upper' | 'lower' | undefined;
  /** `declare -n`: stands for the variable whose name is its value. */
  readonly reference?: boolean;
}

/** Changing a readonly variable; ends a dash, fails the command in bash. */
export class ReadonlyFault extends Error {
  constructor(readonly variable: string) {
    super(`${variable}: is read only`);
    this.name = 'ReadonlyFault';
  }
}

type Frame = Map<string, Variable | undefined>;

/**
 * The variables of one shell, with the dynamic scoping of `local`: a call's frame keeps what its local names meant
 * before and puts it back at the end.
 */
export class Variables {
  private readonly frames: Frame[] = [];

  constructor(private readonly known = new Map<string, Variable>()) {}

  fork(): Variables {
    const copy = new Variables(new Map(this.known));
    copy.frames.push(...this.frames.map((frame) => new Map(frame)));
    return copy;
  }

  get(name: string): Variable | undefined {
    return this.known.get(this.target(name));
  }

  /** The text of a plain variable, or of an array's element 0. */
  text(name: string): string | undefined {
    const variable = this.get(name);
    return variable?.value ?? variable?.list?.get(0) ?? variable?.map?.get('0');
  }

  /** Assigns, keeping export and the other attributes. */
  set(name: string, value: string): void {
    const variable = this.changeable(name);
    if (variable?.list) this.setElement(name, 0, value);
    else if (variable?.map) this.setKey(name, '0', value);
    else this.known.set(this.target(name), { ...variable, value: cased(value, variable) });
  }

  setElement(name: string, index: number, value: string): void {
    this.setElements(name, [[index, value]]);
  }

  setElements(name: string, elements: readonly (readonly [index: number, value: string])[]): void {
    const variable = this.changeable(name);
    const list = new Map(variable?.list ?? (variable?.value === undefined ? [] : [[0, variable.value]]));
    for (const [index, value] of elements) list.set(index, cased(value, variable));
    this.known.set(this.target(name), { ...variable, value: undefined, list });
  }

  setKey(name: string, key: string, value: string): void {
    const variable = this.changeable(name);
    const map = new Map(variable?.map).set(key, cased(value, variable));
    this.known.set(this.target(name), { ...variable, map });
  }

  /** Replaces everything but what `attributes` leaves out. */
  declare(name: string, attributes: Variable): void {
    this.known.set(this.target(name), { ...this.known.get(this.target(name)), ...attributes });
  }

  /** Puts a whole variable, a reference itself too; `undefined` takes it away. */
  put(name: string, variable: Variable | undefined): void {
    if (variable) this.known.set(name, variable);
    else this.known.delete(name);
  }

  raw(name: string): Variable | undefined {
    return this.known.get(name);
  }

  unset(name: string): void {
    this.changeable(name);
    this.known.delete(this.target(name));
  }

  names(): string[] {
    return [...this.known.keys()].sort();
  }

  /** What a program gets. */
  environment(): Map<string, string> {
    const environment = new Map<string, string>();
    for (const [name, { exported, value }] of this.known) {
      if (exported && value !== undefined) environment.set(name, value);
    }
    return environment;
  }

  get inFunction(): boolean {
    return this.frames.length > 0;
  }

  enter(): void {
    this.frames.push(new Map());
  }

  leave(): void {
    for (const [name, variable] of this.frames.pop() ?? []) this.put(name, variable);
  }

  /** Makes `name` local to the running function. */
  localize(name: string): void {
    const frame = this.frames[this.frames.length - 1];
    if (frame && !frame.has(name)) frame.set(name, this.known.get(name));
  }

  isLocal(name: string): boolean {
    return this.frames[this.frames.length - 1]?.has(name) ?? false;
  }

  private changeable(name: string): Variable | undefined {
    const variable = this.get(name);
    if (variable?.readonly) throw new ReadonlyFault(name);
    return variable;
  }

  private target(name: string): string {
    let target = name;
    for (let hops = 0; hops < 10; hops++) {
      const variable = this.known.get(target);
      if (!variable?.reference || !variable.value) break;
      target = variable.value;
    }
    return target;
  }
}

function cased(value: string, variable: Variable | undefined): string {
  if (variable?.letters === 'upper') return value.toUpperCase();
  return variable?.letters === 'lower' ? value.toLowerCase() : value;
}
