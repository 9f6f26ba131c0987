/** What the user should know beside the answer. */
export function notice(message: string): void {
  process.stderr.write(`dockerfile-layers: ${message}\n`);
}
