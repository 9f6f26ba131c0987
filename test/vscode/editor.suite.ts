import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as vscode from 'vscode';
import {
  hoverAt,
  problemsOf,
  revert,
  showSample,
  showUntitled,
  sizesOf,
  type,
  workspaceFolder,
} from './sample';
import { eventually, type Suite } from './suite';

export const editor: Suite = {
  name: 'in the editor',
  tests: {
    'lines that make layers end with their sizes': async () => {
      const { document } = await showSample();
      const sizes = await sizesOf(document);
      assert.equal(sizes[8], '0 B');
      assert.equal(sizes[32], '+146 B');
      assert.match(sizes[18] ?? '', /^\+[\d.]+ kB$/);
      assert.equal(sizes[13], '?', 'npm ci is not simulated');
      assert.equal(sizes[63], undefined, 'USER makes no layer');
    },

    'sizes can be turned off': async () => {
      const { document } = await showSample();
      const settings = vscode.workspace.getConfiguration('dockerfileLayers');
      await settings.update('inlayHints.enabled', false, vscode.ConfigurationTarget.Workspace);
      assert.deepEqual(await sizesOf(document), {});
      await settings.update('inlayHints.enabled', undefined, vscode.ConfigurationTarget.Workspace);
      assert.notDeepEqual(await sizesOf(document), {});
    },

    'a hover says what a RUN does, how certain that is, and opens files': async () => {
      const { document } = await showSample();
      const text = await hoverAt(document, 42);
      assert.match(text, /\*\*RUN\*\* makes layer 5 of 12 in runtime/);
      assert.match(text, /2 added · 1 modified · 1 deleted/);
      assert.match(text, /\*\*Exact\*\*: all 4 commands/);
      assert.match(text, /\[`\/etc\/nginx\/nginx\.conf`\]\(command:dockerfileLayers\.openFile/);
      assert.match(text, /Hides 61 B that stay in the layers below/);
      assert.match(text, /In force: `\/srv\/tasks` as `root`/);
    },

    'an endless RUN is stopped at the limit that the settings give, and says so': async () => {
      const settings = vscode.workspace.getConfiguration('dockerfileLayers');
      const set = (name: string, value: unknown) =>
        settings.update(name, value, vscode.ConfigurationTarget.Workspace);
      await set('run.timeLimit', 0.5);
      const shown = await showUntitled(
        'FROM sample-base:1\nRUN while :; do :; done\nRUN x=x; while :; do x=$x$x; done\n',
      );
      assert.match(await hoverAt(shown.document, 1), /\*\*Unknown\*\*[\s\S]*stopped after 0\\?\.5 seconds/);
      await set('run.memoryLimit', 16);
      await eventually('the limit', async () => /more than 16 MB/.test(await hoverAt(shown.document, 2)));
      await set('run.memoryLimit', null);
      await eventually('the default', async () => {
        const text = await hoverAt(shown.document, 2);
        // A busy machine comes to the limit of time before that of 256 MB.
        return /more than 256 MB|stopped after 0/.test(text) && !/ 16 MB/.test(text);
      });
      await set('run.memoryLimit', undefined);
      await set('run.timeLimit', undefined);
      await revert(shown);
    },

    'while a RUN keeps the simulation busy the editor answers, and an edit ends it at once': async () => {
      const settings = vscode.workspace.getConfiguration('dockerfileLayers');
      await settings.update('run.timeLimit', 100, vscode.ConfigurationTarget.Workspace);
      const busy = "RUN echo x | sed ':a;ba'";
      const shown = await showUntitled(`FROM sample-base:1\n${busy}\n`);
      const hover = hoverAt(shown.document, 1);
      let longest = 0;
      for (const end = Date.now() + 1_500; Date.now() < end; ) {
        const since = Date.now();
        await new Promise((resolve) => setTimeout(resolve, 10));
        longest = Math.max(longest, Date.now() - since);
      }
      assert.ok(longest < 500, `the extension host stood still for ${longest} ms`);
      const edited = Date.now();
      await shown.edit((edit) => edit.replace(new vscode.Range(1, 0, 1, busy.length), 'RUN echo 1234 > /f'));
      await eventually('the size', async () => (await sizesOf(shown.document))[2] === '+5 B', {
        within: 10_000,
      });
      assert.ok(Date.now() - edited < 5_000, `the edit took ${Date.now() - edited} ms`);
      await hover;
      await settings.update('run.timeLimit', undefined, vscode.ConfigurationTarget.Workspace);
      await revert(shown);
    },

    'a hover over what is not simulated gives the reason': async () => {
      const { document } = await showSample();
      assert.match(await hoverAt(document, 12), /\*\*(Modelled|Unknown)\*\*:\n- .*npm/);
    },

    'a hover over FROM tells about the base, one over a comment nothing': async () => {
      const { document } = await showSample();
      assert.match(await hoverAt(document, 4), /`sample-base:1` starts base · 2 layers · 12\.4 MB/);
      assert.equal(await hoverAt(document, 3), '');
    },

    'sizes follow an edit that is not saved': async () => {
      const shown = await showSample();
      await type(shown, 50, 'COPY NOTICES.md /notices.md\n');
      const sizes = await eventually('the new line', async () => {
        const all = await sizesOf(shown.document);
        return all[51] === '+79 B' ? all : undefined;
      });
      assert.equal(sizes[50], '+168 B');
      assert.ok(shown.document.isDirty);
      await revert(shown);
    },

    'a base image that is missing is a warning with its line, and is worded for people': async () => {
      const shown = await showUntitled('FROM node:20\nCOPY . .\n');
      const [problem] = await eventually('the warning', () => {
        const problems = problemsOf(shown.document);
        return problems.length > 0 ? problems : undefined;
      });
      assert.match(problem ?? '', /^1: The image node:20 was not found/);
      assert.match(
        await hoverAt(shown.document, 0),
        /Point to an archive…\]\(command:dockerfileLayers\.pointToArchive/,
      );
      await revert(shown);
    },

    'a named build context comes from a setting, and its files are watched': async () => {
      const settings = vscode.workspace.getConfiguration('dockerfileLayers');
      const folder = vscode.Uri.joinPath(workspaceFolder(), 'named-context');
      const put = (name: string, text: string) =>
        vscode.workspace.fs.writeFile(vscode.Uri.joinPath(folder, name), new TextEncoder().encode(text));
      await put('a.txt', '12345');
      await settings.update('contexts', { lib: 'named-context' }, vscode.ConfigurationTarget.Workspace);
      const shown = await showUntitled('FROM lib\nCOPY --from=lib . /x/\nCOPY --from=nowhere / /y/\n');
      const has = (size: string) =>
        eventually(`the size ${size}`, async () => (await sizesOf(shown.document))[2] === size);
      await has('+5 B');
      assert.match(await hoverAt(shown.document, 0), /`lib` is a folder: a named build context/);
      await put('b.txt', '1234567');
      await has('+12 B');
      await settings.update('contexts', { lib: 'gone' }, vscode.ConfigurationTarget.Workspace);
      await eventually('the warning', () =>
        problemsOf(shown.document).some((text) => /^1: The build context "lib" was not found/.test(text)),
      );
      assert.doesNotMatch(await hoverAt(shown.document, 0), /Point to an archive/);
      await settings.update('contexts', undefined, vscode.ConfigurationTarget.Workspace);
      await vscode.workspace.fs.delete(folder, { recursive: true });
      await revert(shown);
    },

    'servers are asked for sizes when the user settings say so, and only then': async () => {
      const asked: string[] = [];
      const server = createServer(({ method, url }, response) => {
        asked.push(`${method} ${url}`);
        response.writeHead(200, { 'content-length': 1234 }).end();
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      const settings = vscode.workspace.getConfiguration('dockerfileLayers');
      const shown = await showUntitled(`FROM scratch\nADD http://127.0.0.1:${port}/f /x\n`);
      assert.match((await sizesOf(shown.document))[2] ?? '', /\?|unknown/);
      assert.deepEqual(asked, []);
      await settings.update('network.sizes', true, vscode.ConfigurationTarget.Global);
      await eventually('the size', async () => /1\.23 kB/.test((await sizesOf(shown.document))[2] ?? ''));
      assert.deepEqual(asked, ['HEAD /f']);
      await settings.update('network.sizes', undefined, vscode.ConfigurationTarget.Global);
      await eventually('no size', async () => !/1\.23 kB/.test((await sizesOf(shown.document))[2] ?? ''));
      server.close();
      await revert(shown);
    },

    'names in a Dockerfile are text in a hover': async () => {
      const evil = '[x](command:workbench.action.quit)';
      const shown = await showUntitled(
        `FROM scratch AS a\nENV X="${evil} $(zap) <img>"\nWORKDIR "/${evil}"\n`,
      );
      for (const line of [1, 2]) {
        const hover = await hoverAt(shown.document, line);
        const text = hover.replace(/```[\s\S]*?```/g, '').replace(/`[^`\n]*`/g, '');
        assert.doesNotMatch(text, /\]\(command:workbench/);
      }
      await revert(shown);
    },

    'an untitled Dockerfile has layers': async () => {
      const shown = await showUntitled('FROM scratch\nWORKDIR /srv/app\nCOPY <<EOF /hello\nhi\nEOF\n');
      assert.deepEqual(await sizesOf(shown.document), { 2: '0 B', 3: '+3 B' });
      await revert(shown);
    },

    'garbage gives problems and breaks nothing': async () => {
      const shown = await showUntitled(
        '}{ \u0000 ???\nFROM\nCOPY\n\\\nRUN <<\nFROM \u{1f433} AS \u{1f433}\nHEALTHCHECK x\n',
      );
      await eventually('problems', () => problemsOf(shown.document).length > 0);
      await hoverAt(shown.document, 1);
      await revert(shown);
      const { document } = await showSample();
      assert.equal((await sizesOf(document))[32], '+146 B');
    },

    'a Dockerfile of 10 MB leaves the extension host free': async () => {
      const line = `RUN echo ${'x'.repeat(990)}\n`;
      const shown = await showUntitled(
        `FROM scratch\n# ${'y'.repeat(10_000_000 - 20_000)}\n${line.repeat(10)}`,
      );
      const started = Date.now();
      await new Promise((resolve) => setTimeout(resolve, 300));
      assert.ok(Date.now() - started < 2000, 'timers run');
      await revert(shown);
    },

    'several Dockerfiles have their own contexts': async () => {
      const worker = await showSample('docker/worker.Dockerfile');
      const sizes = await sizesOf(worker.document);
      assert.match(
        sizes[5] ?? '',
        /^\+1\.\d+ kB$/,
        'the context of docker/worker.Dockerfile is the folder above',
      );
      assert.equal((await sizesOf((await showSample()).document))[32], '+146 B');
    },
  },
};
