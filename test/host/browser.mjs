// Chromium, driven by playwright-core.
import { installHost } from './installation.mjs';
import { requireChromium } from './system-packages.mjs';

// Offline and quiet: without these Chromium asks its maker's hosts at every start.
const offlineFlags = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts a headless Chromium. Playwright ends it when this process ends. */
export async function launchChromium() {
  const executablePath = requireChromium();
  const { playwright } = await installHost();
  return playwright.chromium.launch({
    executablePath,
    // Chromium's sandbox needs rights that containers and root do not have; all its pages are our own.
    args: ['--no-sandbox', ...offlineFlags],
    // Signals are handled in at-exit.mjs; Playwright's own handlers would end the process before it is done.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
}
