// Prepares the VS Code of the browser host: `node test/host/setup.mjs`. Does nothing when it is there already.
import { installHost } from './installation.mjs';
import { seconds } from './progress.mjs';
import { requireChromium } from './system-packages.mjs';

const since = Date.now();
try {
  const chromium = requireChromium();
  const { folder, vscodeVersion } = await installHost();
  console.log(`VS Code ${vscodeVersion} in ${folder} is ready for ${chromium} (${seconds(since)})`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
