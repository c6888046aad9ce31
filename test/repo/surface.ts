import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { SyntaxKind } from 'typescript/unstable/ast';
import { ROOT, type Source } from './source.ts';

export interface Subpath {
  /** As a user imports it. */
  readonly name: string;
  readonly source: string;
  readonly types: string;
  readonly chunk: string;
}

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
}

/** The subpaths of a package that have code, with their files from the root of the repository. */
export function subpathsOf(folder: string): readonly Subpath[] {
  const manifest = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')) as Manifest;
  return Object.entries(manifest.exports).flatMap(([subpath, target]) => {
    if (typeof target === 'string') return [];
    const file = (condition: string) => posix.join(folder, target[condition] ?? '');
    const name = posix.join(manifest.name, subpath);
    return [{ name, source: file('plimsoll-source'), types: file('types'), chunk: file('default') }];
  });
}

interface Loose {
  readonly moduleSpecifier?: { readonly text: string };
  readonly isTypeOnly?: boolean;
  readonly exportClause?: {
    readonly elements?: readonly { readonly isTypeOnly: boolean; readonly name: { readonly text: string } }[];
  };
  readonly modifiers?: readonly { readonly kind: SyntaxKind }[];
  readonly name?: { readonly text: string };
  readonly declarationList?: {
    readonly declarations: readonly { readonly name: { readonly text: string } }[];
  };
}

/** The names a module exports, `type X` for what is erased; `export *` is followed within the package. */
export function surface(path: string, sources: ReadonlyMap<string, Source>): ReadonlySet<string> {
  const source = sources.get(path);
  if (source === undefined) throw new Error(`${path} was not read`);
  const names = new Set<string>();
  for (const statement of source.tree.statements) {
    const loose = statement as unknown as Loose;
    if (statement.kind === SyntaxKind.ExportDeclaration) {
      const elements = loose.exportClause?.elements;
      for (const { isTypeOnly, name } of elements ?? []) {
        names.add(loose.isTypeOnly || isTypeOnly ? `type ${name.text}` : name.text);
      }
      if (elements === undefined && loose.moduleSpecifier !== undefined) {
        const target = posix.join(posix.dirname(path), loose.moduleSpecifier.text);
        for (const name of surface(target, sources)) names.add(name);
      }
    } else if (loose.modifiers?.some(({ kind }) => kind === SyntaxKind.ExportKeyword)) {
      const erased = ERASED.has(statement.kind);
      if (loose.name !== undefined) names.add(erased ? `type ${loose.name.text}` : loose.name.text);
      for (const { name } of loose.declarationList?.declarations ?? []) names.add(name.text);
    }
  }
  return names;
}

const ERASED: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.InterfaceDeclaration,
  SyntaxKind.TypeAliasDeclaration,
]);
