/** Leaves `count` loops. */
export class BreakSignal {
  constructor(readonly count: number) {}
}

/** Goes on with the next turn of the loop `count` levels up. */
export class ContinueSignal {
  constructor(readonly count: number) {}
}

/** Leaves a function or a sourced file. */
export class ReturnSignal {
  constructor(readonly status: number) {}
}

/** Ends the shell. */
export class ExitSignal {
  constructor(readonly status: number) {}
}

/** Leaves a job in the background at a `sleep` that nobody waits for here. */
export class AsleepSignal {}

/** A fault that ends the current command with `status` and, in the shells that say so, the shell itself. */
export class ShellFault extends Error {
  /** It came out of a function, `eval` or `.`, which the message may name. */
  isInner = false;

  constructor(
    message: string,
    readonly status: number,
    readonly endsShell: boolean,
  ) {
    super(message);
    this.name = 'ShellFault';
  }
}
