// Bundles the differential test beside the other suites and runs it: see README.md.
import { runBundled } from '../host/run-bundled.mjs';

await runBundled('differential');
