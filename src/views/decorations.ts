import * as vscode from 'vscode';
import { ROWS, type RowMark } from './address';

const MARKS: Record<
  RowMark,
  readonly [badge: string | undefined, tooltip: string, colour: string] | undefined
> = {
  added: ['A', 'Added by this layer', 'gitDecoration.addedResourceForeground'],
  changed: ['M', 'Modified by this layer', 'gitDecoration.modifiedResourceForeground'],
  deleted: ['D', 'Deleted by this layer', 'gitDecoration.deletedResourceForeground'],
  carried: undefined,
  dimmed: [undefined, '', 'disabledForeground'],
  fails: [undefined, 'The build fails here', 'list.errorForeground'],
  doubtful: ['?', 'Not certain', 'descriptionForeground'],
};

/** Badges and colours of our trees' rows, as source control has them. */
export const decorations: vscode.FileDecorationProvider = {
  provideFileDecoration({ scheme, query }) {
    const mark = scheme === ROWS ? MARKS[query as RowMark] : undefined;
    if (!mark) return undefined;
    const [badge, tooltip, colour] = mark;
    return new vscode.FileDecoration(badge, tooltip || undefined, new vscode.ThemeColor(colour));
  },
};
