/** Why the database cannot be used now. */
export type TroubleKind = 'corrupt' | 'read_only' | 'full' | 'unavailable';

/** What went wrong, in a form that crosses threads. */
export interface Trouble {
  readonly kind: TroubleKind;
  readonly message: string;
}

/** Primary result codes of SQLite, https://www.sqlite.org/rescode.html. */
const kindsBySqliteCode: Readonly<Record<number, TroubleKind>> = {
  8: 'read_only',
  11: 'corrupt',
  13: 'full',
  26: 'corrupt',
};

const kindsBySystemCode: Readonly<Record<string, TroubleKind>> = {
  ENOSPC: 'full',
  EDQUOT: 'full',
  EROFS: 'read_only',
  EACCES: 'read_only',
  EPERM: 'read_only',
};

/** What an error of SQLite or of the file system says about the database. */
export function troubleOf(error: unknown): Trouble {
  const { errcode, code, message } = error as { errcode?: number; code?: string; message?: string };
  const kind = errcode === undefined ? kindsBySystemCode[code ?? ''] : kindsBySqliteCode[errcode & 0xff];
  return { kind: kind ?? 'unavailable', message: message ?? String(error) };
}
