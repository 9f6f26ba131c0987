// Bundles the measurement of real Dockerfiles and runs it: see README.md.
import { runBundled } from '../host/run-bundled.mjs';

await runBundled('coverage');
