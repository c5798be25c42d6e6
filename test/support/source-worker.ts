// The URL of a worker that runs a file of TypeScript.

/** `file` beside this one. */
export function sourceWorker(file: string): URL {
  const tsx = import.meta.resolve('tsx/esm/api')
  const source = new URL(file, import.meta.url).href
  const start = `import { register } from ${JSON.stringify(tsx)}; register(); await import(${JSON.stringify(source)})`
  return new URL(`data:text/javascript,${encodeURIComponent(start)}`)
}
