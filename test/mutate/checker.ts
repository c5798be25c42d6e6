// The type checker over the whole repository, kept in memory: one file changes at a time.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

export interface Checker {
  source(file: string): ts.SourceFile
  types(): ts.TypeChecker
  /** True where the file still compiles with this text instead of its own. The next call sees its own again. */
  compiles(file: string, text: string): boolean
}

export function createChecker(root: string): Checker {
  const config = ts.readConfigFile(join(root, 'tsconfig.json'), (name) => readFileSync(name, 'utf8'))
  const { fileNames, options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root)
  const changed = { name: '', text: '', version: 0 }
  const host: ts.LanguageServiceHost = {
    getCompilationSettings: () => options,
    getScriptFileNames: () => fileNames,
    getScriptVersion: (name) => (name === changed.name ? `changed ${changed.version}` : '0'),
    getScriptSnapshot: (name) => {
      const text = name === changed.name ? changed.text : ts.sys.readFile(name)
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text)
    },
    getCurrentDirectory: () => root,
    getDefaultLibFileName: (given) => ts.getDefaultLibFilePath(given),
    fileExists: (name) => ts.sys.fileExists(name),
    readFile: (name) => ts.sys.readFile(name),
    readDirectory: (...given) => ts.sys.readDirectory(...given),
    directoryExists: (name) => ts.sys.directoryExists(name),
    getDirectories: (name) => ts.sys.getDirectories(name),
  }
  const service = ts.createLanguageService(host)
  const program = (): ts.Program => {
    const made = service.getProgram()
    if (made === undefined) throw new Error('The compiler made no program of the repository.')
    return made
  }
  return {
    source(file) {
      const source = program().getSourceFile(join(root, file))
      if (source === undefined) throw new Error(`${file} is no part of tsconfig.json`)
      return source
    },
    types: () => program().getTypeChecker(),
    compiles(file, text) {
      const name = join(root, file)
      Object.assign(changed, { name, text, version: changed.version + 1 })
      const problems = service.getSyntacticDiagnostics(name).length + service.getSemanticDiagnostics(name).length
      changed.name = ''
      return problems === 0
    },
  }
}
