// The faults that can be put into a source, found in its syntax tree.
import ts from 'typescript'

export const KINDS = [
  'boundary',
  'equality',
  'arithmetic',
  'logic',
  'min-max',
  'constant',
  'number',
  'removed statement',
  'removed condition',
  'early return',
  'swapped',
  'figure lost',
  'await removed',
  'other word',
] as const
export type Kind = (typeof KINDS)[number]

/** Text from `start` to `end` (offsets in the file) becomes `text`. */
export interface Candidate {
  kind: Kind
  start: number
  end: number
  text: string
}

const SWAPPED_OPERATORS: readonly [Kind, ts.SyntaxKind, string][] = [
  ['boundary', ts.SyntaxKind.LessThanToken, '<='],
  ['boundary', ts.SyntaxKind.LessThanEqualsToken, '<'],
  ['boundary', ts.SyntaxKind.GreaterThanToken, '>='],
  ['boundary', ts.SyntaxKind.GreaterThanEqualsToken, '>'],
  ['equality', ts.SyntaxKind.EqualsEqualsEqualsToken, '!=='],
  ['equality', ts.SyntaxKind.ExclamationEqualsEqualsToken, '==='],
  ['arithmetic', ts.SyntaxKind.PlusToken, '-'],
  ['arithmetic', ts.SyntaxKind.MinusToken, '+'],
  ['arithmetic', ts.SyntaxKind.PlusEqualsToken, '-='],
  ['arithmetic', ts.SyntaxKind.MinusEqualsToken, '+='],
  ['logic', ts.SyntaxKind.AmpersandAmpersandToken, '||'],
  ['logic', ts.SyntaxKind.BarBarToken, '&&'],
]
const OPPOSITES = /^(.*?)(sent|received|up|down)(.*)$/i
const OTHER_WAY: Record<string, string> = { sent: 'received', received: 'sent', up: 'down', down: 'up' }
const FIGURES = /^(sent|received|bytesSent|bytesReceived|up|down|bytes|count|times|seen)$/

/** All of a file, in the order of their places. `checker` knows which other words a text may be. */
export function candidatesIn(file: ts.SourceFile, checker: ts.TypeChecker | null = null): Candidate[] {
  const found: Candidate[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isImportDeclaration(node)) return
    found.push(...expressionFaults(node, file), ...statementFaults(node, file))
    const word = checker === null ? null : otherWord(node, file, checker)
    if (word !== null) found.push(word)
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found.sort((one, other) => one.start - other.start || one.end - other.end || (one.kind < other.kind ? -1 : 1))
}

function expressionFaults(node: ts.Node, file: ts.SourceFile): Candidate[] {
  if (ts.isBinaryExpression(node)) {
    const { operatorToken } = node
    return SWAPPED_OPERATORS.filter(([, token]) => token === operatorToken.kind).map(([kind, , text]) =>
      replaced(kind, operatorToken, file, text),
    )
  }
  if (ts.isPropertyAccessExpression(node) && /^Math\.(min|max)$/.test(node.getText(file)))
    return [replaced('min-max', node.name, file, node.name.text === 'min' ? 'max' : 'min')]
  if (ts.isAwaitExpression(node)) return [replaced('await removed', node, file, node.expression.getText(file))]
  if (ts.isNumericLiteral(node)) return numberFaults(node, file)
  if (ts.isObjectLiteralExpression(node)) return [...figuresLost(node, file), ...swappedProperties(node, file)]
  if (ts.isCallExpression(node)) return swappedArguments(node, file)
  return []
}

/** Halved and doubled; a constant where it stands outside of functions or is a default, else a number. */
function numberFaults(node: ts.NumericLiteral, file: ts.SourceFile): Candidate[] {
  if (ts.isPropertyAssignment(node.parent) && node.parent.name === node) return []
  const value = Number(node.text.replaceAll('_', ''))
  const changed =
    value === 0 ? [1] : value === 1 ? [2] : Number.isInteger(value) ? [value >> 1, value + 1] : [value * 2]
  const kind = isConstant(node) ? 'constant' : 'number'
  return changed.filter((one) => one !== value).map((one) => replaced(kind, node, file, String(one)))
}

function isConstant(node: ts.Node): boolean {
  for (let at = node.parent; at !== undefined; at = at.parent) {
    if (ts.isParameter(at) || ts.isBindingElement(at) || ts.isPropertyDeclaration(at)) return true
    if (ts.isFunctionLike(at)) return false
  }
  return true
}

function statementFaults(node: ts.Node, file: ts.SourceFile): Candidate[] {
  if (ts.isExpressionStatement(node) && node.expression.kind !== ts.SyntaxKind.StringLiteral)
    return node.getText(file).startsWith('super') ? [] : [replaced('removed statement', node, file, '{}')]
  if (ts.isIfStatement(node) && node.elseStatement === undefined)
    return [replaced('removed condition', node, file, '{}')]
  if (!ts.isFunctionLike(node) || !('body' in node)) return []
  const { body } = node
  if (body === undefined || !ts.isBlock(body) || body.statements.length === 0) return []
  const answer = emptyAnswer(node.type?.getText(file))
  const start = body.statements[0].getStart(file)
  return answer === null ? [] : [{ kind: 'early return', start, end: start, text: `${answer}; ` }]
}

/** What a function may answer at once; null where that cannot be reported from its type. */
function emptyAnswer(type: string | undefined): string | null {
  if (type === undefined) return null
  const inner = /^Promise<(.*)>$/.exec(type)?.[1] ?? type
  if (inner === 'void') return 'return'
  if (/\bnull$/.test(inner)) return 'return null'
  if (/\bundefined$/.test(inner)) return 'return undefined'
  if (inner === 'boolean') return 'return false'
  if (inner === 'number') return 'return 0'
  return inner.endsWith('[]') ? 'return []' : null
}

function swappedArguments({ arguments: list }: ts.CallExpression, file: ts.SourceFile): Candidate[] {
  const found: Candidate[] = []
  for (let at = 0; at + 1 < list.length; at++) {
    const one = list[at]
    const other = list[at + 1]
    if (!areOpposite(one.getText(file), other.getText(file))) continue
    const between = file.text.slice(one.end, other.getStart(file))
    const text = `${other.getText(file)}${between}${one.getText(file)}`
    found.push({ kind: 'swapped', start: one.getStart(file), end: other.end, text })
  }
  return found
}

function areOpposite(one: string, other: string): boolean {
  const [, before, word = '', after] = OPPOSITES.exec(one) ?? []
  const opposite = OTHER_WAY[word.toLowerCase()]
  return opposite !== undefined && other.toLowerCase() === `${before}${opposite}${after}`.toLowerCase()
}

/** `{ sent, received }`, written out the other way round. */
function swappedProperties(node: ts.ObjectLiteralExpression, file: ts.SourceFile): Candidate[] {
  const found: Candidate[] = []
  const named = node.properties.filter(
    (one) => (ts.isShorthandPropertyAssignment(one) || ts.isPropertyAssignment(one)) && ts.isIdentifier(one.name),
  ) as (ts.ShorthandPropertyAssignment | ts.PropertyAssignment)[]
  for (const [at, one] of named.entries()) {
    const other = named[at + 1]
    if (other === undefined || !areOpposite(one.name.getText(file), other.name.getText(file))) continue
    const [first, second] = [valueOf(one, file), valueOf(other, file)]
    if (first === second) continue
    const text = `${one.name.getText(file)}: ${second}, ${other.name.getText(file)}: ${first}`
    found.push({ kind: 'swapped', start: one.getStart(file), end: other.end, text })
  }
  return found
}

/** A figure that is only passed on is 0 instead. */
function figuresLost(node: ts.ObjectLiteralExpression, file: ts.SourceFile): Candidate[] {
  return node.properties
    .filter((one) => ts.isShorthandPropertyAssignment(one) || ts.isPropertyAssignment(one))
    .filter((one) => FIGURES.test(one.name.getText(file)) && valueOf(one, file) !== '0')
    .map((one) => replaced('figure lost', one, file, `${one.name.getText(file)}: 0`))
}

function valueOf(one: ts.ShorthandPropertyAssignment | ts.PropertyAssignment, file: ts.SourceFile): string {
  return ts.isPropertyAssignment(one) ? one.initializer.getText(file) : one.name.getText(file)
}

/** Another of the words that the type allows, for a text or a truth value that is a default or a property. */
function otherWord(node: ts.Node, file: ts.SourceFile, checker: ts.TypeChecker): Candidate | null {
  if (node.kind === ts.SyntaxKind.TrueKeyword) return replaced('other word', node, file, 'false')
  if (node.kind === ts.SyntaxKind.FalseKeyword) return replaced('other word', node, file, 'true')
  if (!ts.isStringLiteral(node)) return null
  const type = checker.getContextualType(node)
  if (type === undefined || !type.isUnion()) return null
  const words = type.types.filter((one) => one.isStringLiteral()).map(({ value }) => value)
  const other = words[(words.indexOf(node.text) + 1) % words.length]
  if (other === undefined || other === node.text) return null
  return replaced('other word', node, file, `'${other}'`)
}

function replaced(kind: Kind, node: ts.Node, file: ts.SourceFile, text: string): Candidate {
  return { kind, start: node.getStart(file), end: node.end, text }
}

export function apply(source: string, { start, end, text }: Candidate): string {
  return source.slice(0, start) + text + source.slice(end)
}

/** The change in one line, for a table. */
export function described(source: string, { kind, start, end, text }: Candidate): string {
  const lineStart = source.lastIndexOf('\n', start - 1) + 1
  const before = source.slice(start, end).replace(/\s+/g, ' ')
  const around = source.slice(lineStart, source.indexOf('\n', start)).trim()
  return `${kind}: ${short(before)} → ${short(text)}   in   ${around.slice(0, 90)}`
}

function short(text: string): string {
  return text === '' ? '(nothing)' : text.length <= 60 ? text : `${text.slice(0, 57)}…`
}
