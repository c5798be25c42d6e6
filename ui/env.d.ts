// Types of what the page imports besides TypeScript: components and style sheets.
/// <reference types="vite/client" />
declare module '*.svelte' {
  import type { Component } from 'svelte'

  const component: Component<Record<string, never>>
  export default component
}
