// Programs that npm cannot bring, and the Debian packages that do.
import { findProgram } from './run-command.mjs';

const buildTools = [
  { package: 'g++', names: ['g++'] },
  { package: 'make', names: ['make'] },
  { package: 'python3', names: ['python3'] },
];
const chromium = { package: 'chromium', names: ['chromium', 'chromium-browser', 'google-chrome'] };

/** Throws, naming the packages to install, unless everything for building native modules is there. */
export function requireBuildTools() {
  const missing = buildTools.filter((tool) => !findProgram(...tool.names));
  if (missing.length > 0) throw missingPackages(missing, 'to build two native modules of the VS Code server');
}

/** The path of a Chromium: the variable CHROMIUM, or else one on PATH. Throws when there is none. */
export function requireChromium() {
  const found = process.env.CHROMIUM || findProgram(...chromium.names);
  if (!found) throw missingPackages([chromium], 'to show VS Code in a browser (or set CHROMIUM to its path)');
  return found;
}

function missingPackages(tools, purpose) {
  const names = tools.map((tool) => tool.package).join(' ');
  return new Error(
    `This machine lacks ${names}, needed ${purpose}. On Debian or Ubuntu:\n` +
      `  sudo apt-get install --no-install-recommends ${names}`,
  );
}
