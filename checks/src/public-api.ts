import ts from 'typescript';

/**
 * What a published entry declares, as text: every exported name with its declaration, in the order of the alphabet,
 * without comments. The same for every build of the same source.
 *
 * @param file the entry's `.d.ts`, as built
 */
export function describePublicApi(file: string): string {
  const program = ts.createProgram([file], {
    target: ts.ScriptTarget.ES2024,
    module: ts.ModuleKind.NodeNext,
    types: ['node'],
    skipLibCheck: true,
  });
  const checker = program.getTypeChecker();
  const entry = checker.getSymbolAtLocation(program.getSourceFile(file)!);
  if (entry === undefined) throw new Error(`${file} exports nothing`);
  const printer = ts.createPrinter({ removeComments: true });
  const describe = (symbol: ts.Symbol): string => {
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    return (target.declarations ?? [])
      .map((declaration) => (ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration))
      .map((node) => printer.printNode(ts.EmitHint.Unspecified, withoutPrivate(node), node.getSourceFile()))
      .join('\n')
      .replace(/^(declare|export) /gm, '');
  };
  const symbols = checker.getExportsOfModule(entry).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return `${symbols.map((symbol) => `// ${symbol.name}\n${describe(symbol)}`).join('\n\n')}\n`;
}

/** Private members of a class are nobody's business, and their declarations only say that there are some. */
function withoutPrivate(node: ts.Node): ts.Node {
  if (!ts.isClassDeclaration(node)) return node;
  const members = node.members.filter(
    (member) =>
      !(member.name !== undefined && ts.isPrivateIdentifier(member.name)) &&
      !((ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Private) !== 0),
  );
  const { modifiers, name, typeParameters, heritageClauses } = node;
  return ts.factory.updateClassDeclaration(node, modifiers, name, typeParameters, heritageClauses, members);
}
