/**
 * Why an image cannot be had from a registry, as a clause behind the registry's name.
 *
 * - `missing`: the registry answered that there is no such thing.
 * - `denied`: only with a login, or with another one; registries also say so of what is not there.
 * - `password`: the user name or password that was given is wrong.
 * - `expired`: a token that was good once, or was just given, is not taken any more.
 * - `helper`: the login could not be read: a credential helper failed, or a configuration file is damaged.
 * - `platform`: there is such an image, for other platforms.
 * - `unreachable`: no connection, or one that kept breaking.
 * - `busy`: too many requests.
 * - `server`: the registry is in trouble.
 * - `damaged`: it answers with what it should not: other bytes than their digest says, no JSON, a circle of redirects.
 * - `disk`: it cannot be kept on this machine.
 * - `refused`: beyond a limit, or of a form that is not read.
 *
 * What a server says is never part of a message but its codes: it might repeat what was sent to it.
 */
export class RegistryFault extends Error {
  override readonly name = 'RegistryFault';

  constructor(
    readonly kind: RegistryFaultKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export type RegistryFaultKind =
  | 'missing'
  | 'denied'
  | 'password'
  | 'expired'
  | 'helper'
  | 'platform'
  | 'unreachable'
  | 'busy'
  | 'server'
  | 'damaged'
  | 'disk'
  | 'refused';
