// A build of the packet core that notes which of its code ran: a copy of its sources, with a call of `cover` at each
// cover point, compiled to a file of its own. The product's build has none of it.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const sources = join(root, 'capture/core')
const COMPILER = join(root, 'node_modules/assemblyscript/bin/asc.js')
/** As in server/build-core.mjs. */
const OPTIONS = ['--noAssert', '--runtime', 'minimal', '--use', 'abort=', '--importMemory']

/** A place in the core's code: the beginning of a function, of a branch, of a loop's body or of a case. */
export interface CoverPoint {
  /** Below capture/core. */
  file: string
  line: number
  kind: 'function' | 'then' | 'else' | 'no else' | 'loop' | 'case' | 'choice'
  /** The function that it stands in. */
  name: string
}

export interface CoverBuild {
  module: WebAssembly.Module
  /** By number. */
  points: CoverPoint[]
}

/** Compiles the core, or another folder of AssemblyScript with an index.ts. Throws with the compiler's messages. */
export function buildWithCover(folder = sources, optimized = 3): CoverBuild {
  const build = mkdtempSync(join(tmpdir(), 'telltale-cover-'))
  try {
    const points: CoverPoint[] = []
    for (const file of sourceFiles(folder)) {
      const to = join(build, file)
      mkdirSync(dirname(to), { recursive: true })
      writeFileSync(to, withCover(file, readFileSync(join(folder, file), 'utf8'), points))
    }
    writeFileSync(join(build, 'cover.ts'), coverSource(points.length))
    const index = join(build, 'index.ts')
    writeFileSync(index, `${readFileSync(index, 'utf8')}\nexport { coverAddress, coverNew } from './cover'\n`)
    const out = join(build, 'core.wasm')
    const { status, stderr } = spawnSync(
      process.execPath,
      [COMPILER, index, ...OPTIONS, '--optimizeLevel', String(optimized), '--outFile', out],
      {
        cwd: build,
        encoding: 'utf8',
      },
    )
    if (status !== 0) throw new Error(`the cover build of the core could not be compiled:\n${stderr}`)
    return { module: new WebAssembly.Module(readFileSync(out)), points }
  } finally {
    rmSync(build, { recursive: true, force: true })
  }
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .sort()
}

/** One byte for each point. What runs for the first time raises coverNew. */
function coverSource(count: number): string {
  return `const points = memory.data(${Math.max(8, count)}, 8)
export let coverNew: i32 = 0
export function coverAddress(): usize {
  return points
}
export function cover(point: i32): void {
  const at = points + <usize>point
  if (load<u8>(at) != 0) return
  store<u8>(at, 1)
  coverNew++
}
`
}

/** The source with a call at each of its points, which are added to `points`. */
export function withCover(file: string, source: string, points: CoverPoint[]): string {
  const parsed = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true)
  const before = points.length
  let inside = ''

  function point(node: ts.Node, kind: CoverPoint['kind']): string {
    const { line } = parsed.getLineAndCharacterOfPosition(node.getStart(parsed))
    points.push({ file, line: line + 1, kind, name: inside })
    return `cover(${points.length - 1})`
  }

  function withChildren(node: ts.Node): string {
    let text = ''
    let at = node.getStart(parsed)
    ts.forEachChild(node, (child) => {
      const from = child.getStart(parsed)
      text += source.slice(at, from) + covered(child)
      at = child.end
    })
    return text + source.slice(at, node.end)
  }

  function covered(node: ts.Node): string {
    if (ts.isFunctionDeclaration(node)) {
      inside = node.name?.text ?? ''
      const text = withChildren(node)
      inside = ''
      return text
    }
    if (inside === '') return withChildren(node)
    const kind = blockKind(node)
    if (kind !== null) {
      const call = point(node, kind)
      const text = withChildren(node)
      const whole = ts.isBlock(node) ? `{ ${call}; ${text.slice(1)}` : `{ ${call}; ${text} }`
      const isThen = kind === 'then' && (node.parent as ts.IfStatement).elseStatement === undefined
      return isThen ? `${whole} else { ${point(node.parent, 'no else')} }` : whole
    }
    if (ts.isConditionalExpression(node.parent) && node !== node.parent.condition && ts.isExpression(node))
      return `(${point(node, 'choice')}, ${withChildren(node)})`
    if (ts.isCaseOrDefaultClause(node) && node.statements.length > 0) {
      const text = withChildren(node)
      const head = text.indexOf(':') + 1
      return `${text.slice(0, head)} ${point(node, 'case')}; ${text.slice(head)}`
    }
    return withChildren(node)
  }

  const text = source.slice(0, parsed.getStart(parsed)) + covered(parsed)
  const path = relative(dirname(file), 'cover')
  const from = path.startsWith('.') ? path : `./${path}`
  return points.length === before ? text : `import { cover } from '${from}'\n${text}`
}

/** What the statement is to the one around it; null where it is no branch of it. */
function blockKind(node: ts.Node): CoverPoint['kind'] | null {
  const { parent } = node
  if (ts.isFunctionDeclaration(parent)) return node === parent.body ? 'function' : null
  if (ts.isIfStatement(parent)) {
    if (node === parent.thenStatement) return 'then'
    return node === parent.elseStatement ? 'else' : null
  }
  return ts.isIterationStatement(parent, false) && node === parent.statement ? 'loop' : null
}
