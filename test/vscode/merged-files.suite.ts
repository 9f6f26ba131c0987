import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { fileUri } from '../../src/views/address';
import { fileOf, keyOfDocument, readText, revert, showSample, showUntitled, type } from './sample';
import { eventually, type Suite } from './suite';

const { fs } = vscode.workspace;
/** The stage `runtime` of the sample, after its last step. */
const END = { stage: 3, step: 16 };
/** The steps of `runtime`: ARG, ENV, COPY <<EOF, RUN rm …nginx. */
const AFTER_NGINX = { stage: 3, step: 3 };
const BEFORE_NGINX = { stage: 3, step: 2 };

export const mergedFiles: Suite = {
  name: 'merged files',
  tests: {
    'a file has its true size, its type, its time, and cannot be written': async () => {
      const { document } = await showSample();
      const uri = fileOf(document, AFTER_NGINX, '/etc/nginx/nginx.conf');
      const { size, type: kind, mtime, permissions } = await fs.stat(uri);
      assert.equal(kind, vscode.FileType.File);
      assert.equal(size, (await fs.readFile(uri)).length);
      assert.ok(mtime > 1e12, 'in milliseconds');
      assert.equal(permissions, vscode.FilePermission.Readonly);
    },

    'a file is as the step leaves it': async () => {
      const { document } = await showSample();
      const path = '/etc/nginx/nginx.conf';
      assert.match(await readText(fileOf(document, BEFORE_NGINX, path)), /worker_processes auto;/);
      assert.match(await readText(fileOf(document, AFTER_NGINX, path)), /worker_processes 2;/);
    },

    'a folder lists its entries with links and what they lead to': async () => {
      const { document } = await showSample();
      const root = new Map(await fs.readDirectory(fileOf(document, END, '/')));
      assert.equal(root.get('etc'), vscode.FileType.Directory);
      assert.equal(root.get('bin'), vscode.FileType.SymbolicLink | vscode.FileType.Directory);
      const tasks = await fs.readDirectory(fileOf(document, END, '/srv/tasks'));
      assert.deepEqual(
        tasks.map(([name]) => name).filter((name) => name === 'data'),
        [],
        'a later step deletes data',
      );
    },

    'a link is read through': async () => {
      const { document } = await showSample();
      const { type: kind, size } = await fs.stat(fileOf(document, END, '/etc/os-release'));
      assert.equal(kind, vscode.FileType.SymbolicLink | vscode.FileType.File);
      assert.equal(size, (await fs.readFile(fileOf(document, END, '/etc/os-release'))).length);
    },

    'layers of the base have their own moments': async () => {
      const { document } = await showSample();
      const motd = (base: number) => fileOf(document, { stage: 0, step: -1, base }, '/etc/motd');
      assert.match(await readText(motd(1)), /placeholders/);
      await assert.rejects(async () => fs.stat(motd(2)), isError('FileNotFound'));
    },

    'what is not there, folders and unknown addresses are told apart': async () => {
      const { document } = await showSample();
      const at = (path: string) => fileOf(document, END, path);
      await assert.rejects(async () => fs.stat(at('/nowhere')), isError('FileNotFound'));
      await assert.rejects(async () => fs.readFile(at('/etc')), isError('FileIsADirectory'));
      await assert.rejects(async () => fs.readDirectory(at('/etc/passwd')), isError('FileNotADirectory'));
      const gone = fileOf(document, { stage: 3, step: 99 }, '/etc');
      await assert.rejects(async () => fs.stat(gone), isError('FileNotFound'));
      const strange = vscode.Uri.parse('dockerfile-layers://nobody/made/this');
      await assert.rejects(async () => fs.stat(strange), isError('FileNotFound'));
    },

    'nothing can be written, created, renamed or deleted': async () => {
      const { document } = await showSample();
      const passwd = fileOf(document, END, '/etc/passwd');
      await assert.rejects(async () => fs.writeFile(passwd, new Uint8Array(1)));
      await assert.rejects(async () => fs.delete(passwd));
      await assert.rejects(async () => fs.rename(passwd, fileOf(document, END, '/etc/other')));
      await assert.rejects(async () => fs.createDirectory(fileOf(document, END, '/new')));
    },

    'content that is not known says why': async () => {
      const editor = await showUntitled('FROM scratch\nADD https://example.org/tool /tool\n');
      const tool = fileOf(editor.document, { stage: 0, step: 0 }, '/tool');
      await assert.rejects(async () => fs.readFile(tool), isError('Unavailable'));
      await revert(editor);
    },

    'an address works although nothing of it is open: after a reload, or when it was put away': async () => {
      const { document } = await showSample();
      const at = (VERSION: string) =>
        fileUri({
          key: keyOfDocument(document, { VERSION }),
          moment: { stage: 2, step: 2 },
          path: '/srv/tasks/dist/public/index.html',
        });
      for (let version = 1; version <= 30; version++)
        assert.match(await readText(at(`7.0.${version}`)), new RegExp(`7\\.0\\.${version}\\b`));
      assert.match(await readText(at('7.0.1')), /7\.0\.1\b/);
    },

    'an open file follows the Dockerfile as it is edited': async () => {
      const editor = await showUntitled('FROM scratch\nCOPY <<EOF /a.txt\none\nEOF\n');
      const { document } = editor;
      const uri = fileOf(document, { stage: 0, step: 0 }, '/a.txt');
      const opened = await vscode.workspace.openTextDocument(uri);
      await vscode.window.showTextDocument(opened, vscode.ViewColumn.Beside);
      assert.equal(opened.getText(), 'one\n');
      const again = await vscode.window.showTextDocument(document, vscode.ViewColumn.One);
      await again.edit((edit) => edit.replace(new vscode.Range(2, 0, 2, 3), 'two'));
      await eventually('the new content', () => opened.getText() === 'two\n');
      await vscode.commands.executeCommand('workbench.action.closeOtherEditors');
      await revert(again);
    },

    'a step that is put before moves the later ones': async () => {
      const editor = await showUntitled('FROM scratch\nWORKDIR /a\n');
      const first = fileOf(editor.document, { stage: 0, step: 0 }, '/');
      assert.deepEqual(
        (await fs.readDirectory(first)).map(([name]) => name),
        ['a'],
      );
      await type(editor, 1, 'WORKDIR /first\n');
      assert.deepEqual(
        (await fs.readDirectory(first)).map(([name]) => name),
        ['first'],
      );
      await revert(editor);
    },
  },
};

function isError(code: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof vscode.FileSystemError, String(error));
    assert.equal(error.code, code);
    return true;
  };
}
