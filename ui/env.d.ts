// What may the page import besides TypeScript? Components and style sheets.
/// <reference types="vite/client" />
declare module '*.svelte' {
  import type { Component } from 'svelte'

  const component: Component<Record<string, never>>
  export default component
}
