// Makes a fresh clone ready to test: dependencies from the lock file, and the built command line.
// Plain JavaScript without imports of ours: it runs before anything is installed.
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'

const run = (command, args) => {
  const { status } = spawnSync(command, args, { stdio: 'inherit', shell: process.platform === 'win32' })
  if (status !== 0) {
    console.error(`telltale: "${command} ${args.join(' ')}" failed with status ${status}`)
    process.exit(status ?? 1)
  }
}

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`telltale needs Node 20.19 or newer; this is ${process.version}`)
  process.exit(1)
}

// npm writes this file at the end of an install that went through.
const installed = 'node_modules/.package-lock.json'
if (!existsSync(installed) || statSync(installed).mtimeMs < statSync('package-lock.json').mtimeMs) {
  run('npm', ['ci', '--no-audit', '--no-fund'])
} else {
  run('npm', ['run', '-s', 'build'])
}
