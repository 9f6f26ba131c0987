import type { Command, Flavour } from '../command';
import { findCommand } from '../commands/index';
import { echoProgram } from './echo';
import { pwdProgram } from './folders';
import { printfProgram } from './printf';
import { testProgram } from './test';

/** Programs that every shell also has built in. */
const ownPrograms = (): Readonly<Record<string, Command>> => ({
  '[': testProgram,
  echo: echoProgram,
  false: () => 1,
  printf: printfProgram,
  pwd: pwdProgram,
  test: testProgram,
  true: () => 0,
});

let own: Readonly<Record<string, Command>> | undefined;

/** The simulation of a program, by the name it is called. */
export function findSimulated(name: string, flavour: Flavour): Command | undefined {
  own ??= ownPrograms();
  return Object.hasOwn(own, name) ? own[name] : findCommand(name, flavour);
}
