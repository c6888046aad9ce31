import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { type Node, type SourceFile, SyntaxKind } from 'typescript/unstable/ast';
import { createVirtualFileSystem } from 'typescript/unstable/fs';
import { API } from 'typescript/unstable/sync';

export const ROOT = resolve(import.meta.dirname, '../..');

/** Path from the root of the repository → text. A test plants a tree of its own. */
export type Tree = ReadonlyMap<string, string>;

export interface Import {
  /** What stands in the quotes; undefined where `import()` computes its target. */
  readonly target: string | undefined;
  readonly kind: 'static' | 'dynamic' | 'type';
  readonly line: number;
}

export interface Fn {
  readonly line: number;
  readonly lines: number;
  readonly parameters: number;
}

export interface Source {
  readonly path: string;
  readonly imports: readonly Import[];
  readonly functions: readonly Fn[];
  /** True where an `await` stands outside every function. */
  readonly topLevelAwait: boolean;
  readonly tree: SourceFile;
}

/** Every `.ts` and `.js` file below the folders, dist and node_modules left out. */
export function readTree(folders: readonly string[]): Tree {
  const tree = new Map<string, string>();
  for (const folder of folders) {
    for (const path of walk(join(ROOT, folder))) {
      if (/\.(ts|js)$/.test(path)) tree.set(relative(ROOT, path), readFileSync(path, 'utf8'));
    }
  }
  return tree;
}

/** Parses with the compiler's own parser: a regular expression would miss what a comment or a template hides. */
export function parse(tree: Tree): readonly Source[] {
  const files: Record<string, string> = {
    '/tree/tsconfig.json': JSON.stringify({
      compilerOptions: { noResolve: true, noLib: true, allowJs: true, types: [] },
      files: [...tree.keys()],
    }),
  };
  for (const [path, text] of tree) files[`/tree/${path}`] = text;
  const api = new API({ fs: createVirtualFileSystem(files) });
  try {
    const project = api.updateSnapshot({ openProjects: ['/tree/tsconfig.json'] }).getProjects()[0];
    if (project === undefined) throw new Error('the parser opened no project');
    return [...tree.keys()].map(path => {
      const file = project.program.getSourceFile(`/tree/${path}`);
      if (file === undefined) throw new Error(`the parser skipped ${path}`);
      return describe(path, file);
    });
  } finally {
    api.close();
  }
}

function describe(path: string, tree: SourceFile): Source {
  const imports: Import[] = [];
  const functions: Fn[] = [];
  let topLevelAwait = false;
  const lineAt = (position: number) => tree.getLineAndCharacterOfPosition(position).line + 1;
  const visit = (node: Node, inFunction: boolean): void => {
    const found = importOf(node);
    if (found !== undefined) imports.push({ ...found, line: lineAt(node.getStart(tree)) });
    const isFunction = FUNCTIONS.has(node.kind);
    if (isFunction) {
      const line = lineAt(node.getStart(tree));
      const { parameters } = node as unknown as { parameters: readonly Node[] };
      functions.push({ line, lines: lineAt(node.end) - line + 1, parameters: parameters.length });
    }
    if (!inFunction && node.kind === SyntaxKind.AwaitExpression) topLevelAwait = true;
    node.forEachChild(child => visit(child, inFunction || isFunction));
  };
  visit(tree, false);
  return { path, imports, functions, topLevelAwait, tree };
}

const FUNCTIONS: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.FunctionDeclaration,
  SyntaxKind.FunctionExpression,
  SyntaxKind.ArrowFunction,
  SyntaxKind.MethodDeclaration,
  SyntaxKind.Constructor,
  SyntaxKind.GetAccessor,
  SyntaxKind.SetAccessor,
]);

interface Loose {
  readonly moduleSpecifier?: { readonly text: string };
  readonly importClause?: {
    readonly phaseModifier?: SyntaxKind;
    readonly name?: Node;
    readonly namedBindings?: { readonly elements?: readonly { readonly isTypeOnly: boolean }[] };
  };
  readonly exportClause?: { readonly elements?: readonly { readonly isTypeOnly: boolean }[] };
  readonly isTypeOnly?: boolean;
  readonly expression?: Node & { readonly text?: string };
  readonly arguments?: readonly (Node & { readonly text?: string })[];
  readonly argument?: { readonly literal?: { readonly text?: string } };
}

function importOf(node: Node): Omit<Import, 'line'> | undefined {
  const loose = node as unknown as Loose;
  switch (node.kind) {
    case SyntaxKind.ImportDeclaration: {
      const clause = loose.importClause;
      const elements = clause?.namedBindings?.elements;
      const type =
        clause?.phaseModifier === SyntaxKind.TypeKeyword ||
        (clause?.name === undefined &&
          elements !== undefined &&
          elements.length > 0 &&
          elements.every(e => e.isTypeOnly));
      return { target: loose.moduleSpecifier?.text, kind: type ? 'type' : 'static' };
    }
    case SyntaxKind.ExportDeclaration:
      if (loose.moduleSpecifier === undefined) return undefined;
      return { target: loose.moduleSpecifier.text, kind: loose.isTypeOnly ? 'type' : 'static' };
    case SyntaxKind.ImportType:
      return { target: loose.argument?.literal?.text, kind: 'type' };
    case SyntaxKind.CallExpression: {
      const callee = loose.expression;
      const isRequire = callee?.kind === SyntaxKind.Identifier && callee.text === 'require';
      if (callee?.kind !== SyntaxKind.ImportKeyword && !isRequire) return undefined;
      const [argument] = loose.arguments ?? [];
      const literal =
        argument?.kind === SyntaxKind.StringLiteral ||
        argument?.kind === SyntaxKind.NoSubstitutionTemplateLiteral;
      return { target: literal ? argument.text : undefined, kind: isRequire ? 'static' : 'dynamic' };
    }
    default:
      return undefined;
  }
}

function* walk(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'node_modules' || entry.name.startsWith('dist')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(path);
    else if (entry.isFile()) yield path;
  }
}
